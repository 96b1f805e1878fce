from marshmallow import _unseen

RAISE, EXCLUDE, INCLUDE = "raise", "exclude", "include"


class _Missing:
    def __bool__(self): return False


missing = _Missing()


class SchemaOpts:
    def __init__(self, meta, *args, **kwargs): pass


class Schema:
    """What is checked, and what is written, by the fields that a class declares. What comes of it is not seen."""

    OPTIONS_CLASS = SchemaOpts
    TYPE_MAPPING = {}

    def load(self, data, *args, **options):
        from marshmallow import _described

        return _described._loaded(self, data) if __is_watched__() else _unseen.load(self, data, *args, **options)

    loads = _unseen.loads
    dump = _unseen.dump
    dumps = _unseen.dumps
    validate = _unseen.validate

    class Meta: pass

    def __init__(self, *args, only=None, exclude=(), many=None, context=None, load_only=(), dump_only=(), partial=None, unknown=None, **options):
        self.only = only
        self.exclude = exclude
        self.many = getattr(self.Meta, "many", False) if many is None else many
        self.context = context or {}
        self.load_only = load_only
        self.dump_only = dump_only
        self.partial = partial
        self.unknown = unknown

    def __getattr__(self, name): return __unknown__("what a schema knows")
    def on_bind_field(self, field_name, field_obj): pass
    def handle_error(self, error, data, **kwargs): pass

    @classmethod
    def from_dict(cls, fields, *, name="GeneratedSchema"):
        return type(name, (cls,), dict(fields))
