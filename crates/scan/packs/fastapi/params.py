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
    default_factory = alias = validation_alias = None
    gt = ge = lt = le = min_length = max_length = pattern = embed = None
    convert_underscores = True

    def __init__(self, default=..., **given):
        self.default = default
        __keep__(self, given, regex="pattern")
        self.alias = self.alias or self.validation_alias


class Path(Param): pass
class Query(Param): pass
class Header(Param): pass
class Cookie(Param): pass
class Body(Param): pass
class Form(Body): pass
class File(Form): pass
