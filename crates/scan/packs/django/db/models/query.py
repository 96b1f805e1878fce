"""Sets of records: what limits them is not followed here, but whatever is found by something holds what that held."""


_table = __unknown__("records of a table")


class QuerySet:
    model = None

    def __init__(self, model=None, *args, **options):
        self.model = model

    @classmethod
    def as_manager(cls):
        from django.db.models.manager import Manager

        class Made(Manager, cls): pass
        return Made()

    def _records(self, *args, **kwargs):
        return _table(*args, **kwargs)

    get = first = last = earliest = latest = create = update = delete = exists = count = aggregate = in_bulk = bulk_create = _records
    bulk_update = get_or_create = update_or_create = contains = aget = afirst = alast = acreate = aupdate = adelete = aexists = acount = _records
    values = values_list = dates = datetimes = explain = iterator = raw = _records

    def _limited(self, *args, **kwargs):
        return _table(*args, **kwargs)

    filter = exclude = complex_filter = union = intersection = difference = _limited

    def _same(self, *args, **kwargs):
        return self

    all = none = order_by = distinct = reverse = select_related = prefetch_related = annotate = alias = defer = only = using = _same
    select_for_update = extra = get_queryset = _same
