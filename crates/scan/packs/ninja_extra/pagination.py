from ninja.pagination import LimitOffsetPagination, PageNumberPagination, PaginationBase, paginate


class PageNumberPaginationExtra(PageNumberPagination): pass


class PaginatedResponseSchema:
    @classmethod
    def __class_getitem__(cls, key): return __unknown__("a page of an answer")


NinjaPaginationResponseSchema = PaginatedResponseSchema
