from django.db.models.query import QuerySet


class BaseManager(QuerySet):
    use_in_migrations = False
    _queryset_class = QuerySet
    _within = None

    @classmethod
    def from_queryset(cls, queryset_class, class_name=None):
        class Made(cls, queryset_class): pass
        Made._queryset_class = queryset_class
        return Made

    def get_queryset(self):
        made = self._queryset_class(self.model)
        made._manager = self
        return made

    def _start(self):
        start = self.get_queryset()
        # What is looked up in a way that is not seen is still of this model.
        if __kind_of__(start) == "unknown":
            start = BaseManager.get_queryset(self)._with([start])
        return start if self._within is None else start._with([self._within])

    def _given(self, values):
        return values if self._within is None else {**self._within, **values}

    def db_manager(self, *args, **options): return self
    def contribute_to_class(self, cls, name): pass

    # What a manager of the records that belong to another one adds or takes away changes that one.
    def _relates(self, *args, **kwargs):
        if __is_watched__() and self._within is not None:
            __noted__("relate", self._of, self._name)

    add = remove = set = clear = aadd = aremove = aset = aclear = _relates


class Manager(BaseManager): pass


def _related_manager(model, within, of, name):
    """The records of a model that belong to another record."""
    made = type(model._default_manager)()
    made.model = model
    made._within = within
    made._of = of
    made._name = name
    return made
