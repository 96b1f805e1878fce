class FieldInfo:
    __field__ = True
    default_factory = alias = validation_alias = annotation = description = None
    gt = ge = lt = le = multiple_of = min_length = max_length = pattern = exclude = None

    def __init__(self, default=..., **given):
        self.default = default
        __keep__(self, given, regex="pattern", min_items="min_length", max_items="max_length")
        self.alias = self.alias or self.validation_alias


Field = FieldInfo


class PrivateAttr:
    __field__ = True

    def __init__(self, default=..., *, default_factory=None):
        self.default = default
        self.default_factory = default_factory
