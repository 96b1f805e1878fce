from django.core.exceptions import MultipleObjectsReturned, ObjectDoesNotExist
from django.db.models.manager import Manager
from django.db.models.options import Options

_models = []


class Model:
    pk = id = None

    class DoesNotExist(ObjectDoesNotExist): pass
    class MultipleObjectsReturned(MultipleObjectsReturned): pass

    def __init_subclass__(cls, **options):
        cls._meta = Options(cls)
        manager = Manager()
        manager.model = cls
        cls._default_manager = cls._base_manager = manager
        declared = __marked__(cls, "objects")
        if declared is None:
            cls.objects = manager
        elif __kind_of__(declared) == "instance":
            declared.model = cls
        _models.append(cls)

    def __init__(self, *args, **values):
        __keep__(self, values)

    def save(self, *args, **options):
        if __is_watched__():
            __noted__("save", self)

    async def asave(self, *args, **options): self.save(*args, **options)

    def delete(self, *args, **options):
        if __is_watched__():
            __noted__("delete", self)
        return (1, {})

    async def adelete(self, *args, **options): return self.delete(*args, **options)
    def refresh_from_db(self, *args, **options): pass
    def full_clean(self, *args, **options): pass
    def clean(self): pass
    def get_absolute_url(self): return __unknown__("an address")

    @classmethod
    def from_db(cls, *args, **options): return cls()


def _model_named(label):
    """`app.Model`, as settings and foreign keys name a model."""
    app_label, _, name = label.rpartition(".")
    for model in reversed(_models):
        if model.__name__ == name and (not app_label or model._meta.app_label == app_label):
            return model
    return __unknown__("a model that is not seen")


class _Reverse:
    """What refers to a record, read from there."""

    __code__ = True

    def __init__(self, model, name, accessor, is_one):
        self._model = model
        self._name = name
        self._accessor = accessor
        self._is_one = is_one

    def __get__(self, instance, owner):
        if __kind_of__(instance) == "constant":
            return self
        if self._is_one or not __is_watched__():
            return __related__(instance, self._accessor, self._model)
        from django.db.models.manager import _related_manager
        return _related_manager(self._model, {self._name: instance}, instance, self._accessor)


def _relate(model, name, field, to, accessor, is_one):
    """A field that refers to another model, once all models are there."""
    field._name = name
    field._to = to
    if accessor:
        field._back = accessor
        setattr(to, accessor, _Reverse(model, name, accessor, is_one))


def _manage(model, name, manager):
    """A manager that a model declares or inherits."""
    made = type(manager)()
    __inherit__(made, manager)
    made.model = model
    setattr(model, name, made)
    return made
