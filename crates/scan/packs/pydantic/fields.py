class FieldInfo:
    __field__ = True

    def __init__(self, default=..., *, default_factory=None, alias=None, validation_alias=None, gt=None, ge=None, lt=None, le=None,
                 multiple_of=None, min_length=None, max_length=None, min_items=None, max_items=None, pattern=None, regex=None,
                 exclude=None, init=True, frozen=None, const=None, description=None, title=None, **extra):
        self.default = default
        self.default_factory = default_factory
        self.alias = alias or validation_alias
        self.validation_alias = validation_alias
        self.annotation = None
        self.gt = gt
        self.ge = ge
        self.lt = lt
        self.le = le
        self.min_length = min_length or min_items
        self.max_length = max_length or max_items
        self.multiple_of = multiple_of
        self.pattern = pattern or regex
        self.exclude = exclude
        self.description = description


Field = FieldInfo


class PrivateAttr:
    __field__ = True

    def __init__(self, default=..., *, default_factory=None):
        self.default = default
        self.default_factory = default_factory
