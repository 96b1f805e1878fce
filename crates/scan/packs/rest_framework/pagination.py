class BasePagination:
    page_size = None
    max_page_size = None
    page_size_query_param = None
    page_query_param = "page"

    def paginate_queryset(self, queryset, request, view=None): return __unknown__("a page of records")
    def get_paginated_response(self, data):
        from rest_framework.response import Response
        return Response(data)


class PageNumberPagination(BasePagination): pass
class LimitOffsetPagination(BasePagination): pass
class CursorPagination(BasePagination): pass
