class BaseFilterBackend:
    def filter_queryset(self, request, queryset, view): return queryset


class SearchFilter(BaseFilterBackend): pass
class OrderingFilter(BaseFilterBackend): pass
