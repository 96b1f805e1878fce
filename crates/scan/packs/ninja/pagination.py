from ninja.router import Router


class PaginationBase:
    _parameters = ()

    def __init__(self, *args, **options): pass


class AsyncPaginationBase(PaginationBase): pass


class LimitOffsetPagination(AsyncPaginationBase):
    _parameters = (("limit", 1), ("offset", 0))


class PageNumberPagination(AsyncPaginationBase):
    _parameters = (("page", 1), ("page_size", 1))


def paginate(*args, **options):
    """An operation that answers one page: what else it takes, and around what its answer stands, is the pagination's."""
    if args and __is_function__(args[0]):
        return _paginated(args[0], LimitOffsetPagination)
    by = args[0] if args else LimitOffsetPagination
    return lambda function: _paginated(function, by)


def _paginated(function, by):
    function._paginated = by
    return function


class RouterPaginated(Router): pass
