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

    def save(self, *args, **options): pass
    async def asave(self, *args, **options): pass
    def delete(self, *args, **options): return (1, {})
    async def adelete(self, *args, **options): return (1, {})
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
