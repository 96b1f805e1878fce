class Depends:
    def __init__(self, dependency=None, *, use_cache=True, scope=None):
        self.dependency = dependency
        self.use_cache = use_cache


class Security(Depends):
    def __init__(self, dependency=None, *, scopes=None, use_cache=True):
        self.dependency = dependency
        self.use_cache = use_cache
        self.scopes = scopes or []


class Param:
    __field__ = True

    def __init__(self, default=..., *, default_factory=None, annotation=None, alias=None, gt=None, ge=None, lt=None, le=None, min_length=None,
                 max_length=None, pattern=None, regex=None, embed=None, deprecated=None, include_in_schema=True, convert_underscores=True,
                 media_type=None, **extra):
        self.default = default
        self.default_factory = default_factory
        self.alias = alias or extra.get("validation_alias")
        self.gt = gt
        self.ge = ge
        self.lt = lt
        self.le = le
        self.min_length = min_length
        self.max_length = max_length
        self.pattern = pattern or regex
        self.embed = embed
        self.convert_underscores = convert_underscores


class Path(Param): pass
class Query(Param): pass
class Header(Param): pass
class Cookie(Param): pass
class Body(Param): pass
class Form(Body): pass
class File(Form): pass
