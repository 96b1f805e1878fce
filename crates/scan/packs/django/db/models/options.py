class Options:
    def __init__(self, model):
        meta = __marked__(model, "Meta")
        self.model = model
        self.object_name = model.__name__
        self.model_name = model.__name__.lower()
        self.abstract = getattr(meta, "abstract", False) if meta is not None else False
        self.app_label = _label(model, meta)
        self.label = self.app_label + "." + self.object_name
        self.label_lower = self.app_label + "." + self.model_name
        self.verbose_name = getattr(meta, "verbose_name", self.model_name) if meta is not None else self.model_name
        self.verbose_name_plural = getattr(meta, "verbose_name_plural", self.model_name + "s") if meta is not None else self.model_name + "s"
        self.swapped = False
        self.proxy = False

    def get_field(self, name): return __unknown__("a field of a model")
    def get_fields(self, *args, **options): return __unknown__("fields of a model")

    @property
    def fields(self): return __unknown__("fields of a model")

    concrete_fields = local_fields = many_to_many = related_objects = fields

    @property
    def pk(self): return __unknown__("the key of a model")


def _label(model, meta):
    own = getattr(meta, "app_label", None) if meta is not None else None
    if own:
        return own
    label = model.__module__
    for part in model.__module__.split("."):
        if part == "models":
            return label
        label = part
    return model.__module__.split(".")[0]
