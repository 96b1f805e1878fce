from django.db.models.query import QuerySet


class BaseManager(QuerySet):
    use_in_migrations = False

    @classmethod
    def from_queryset(cls, queryset_class, class_name=None):
        class Made(cls, queryset_class): pass
        return Made

    def get_queryset(self):
        return QuerySet(self.model)

    def db_manager(self, *args, **options): return self
    def contribute_to_class(self, cls, name): pass


class Manager(BaseManager): pass
