def paginate(*args, **options):
    if args and __is_function__(args[0]):
        return args[0]
    return lambda function: function


class PaginationBase:
    def __init__(self, *args, **options): pass


class AsyncPaginationBase(PaginationBase): pass
class LimitOffsetPagination(PaginationBase): pass
class PageNumberPagination(PaginationBase): pass


from ninja.router import Router


class RouterPaginated(Router): pass
