class ListFilter: pass
class SimpleListFilter(ListFilter): pass
class FieldListFilter(ListFilter):
    @classmethod
    def register(cls, *args, **options): pass
class RelatedFieldListFilter(FieldListFilter): pass
class BooleanFieldListFilter(FieldListFilter): pass
class ChoicesFieldListFilter(FieldListFilter): pass
class DateFieldListFilter(FieldListFilter): pass
class AllValuesFieldListFilter(FieldListFilter): pass
class RelatedOnlyFieldListFilter(RelatedFieldListFilter): pass
class EmptyFieldListFilter(FieldListFilter): pass
