"""Sets of records: what they are about and what limits them. While access is judged nobody follows that: whatever is found by something
then holds what that held."""

from django.db.models.expressions import Q

_table = __unknown__("records of a table")


class QuerySet:
    __code__ = True
    model = None
    _manager = None
    _clauses = []
    _is_empty = False
    # The one column of which the values are taken.
    _column = None

    def __init__(self, model=None, *args, **options):
        self.model = model

    @classmethod
    def as_manager(cls):
        from django.db.models.manager import Manager
        return Manager.from_queryset(cls)()

    def _start(self): return self

    def _with(self, clauses):
        start = self._start()
        made = type(start)()
        made.model = start.model
        made._manager = start._manager
        made._is_empty = start._is_empty
        made._clauses = [*start._clauses, *clauses]
        return made

    def _about(self):
        return self.model or self._manager.model

    def _read(self, clauses=()):
        start = self._start()
        if start._is_empty:
            return __unknown__("nothing")
        model = start._about()
        return __event__("read", model, [*start._clauses, *clauses], gives=model)

    def _one(self, clauses=()):
        found = self._read(clauses)
        __noted__("one", found)
        return found

    def filter(self, *args, **kwargs):
        if not __is_followed__():
            return _table(*args, **kwargs)
        return self._with([*args, kwargs])

    complex_filter = filter

    def exclude(self, *args, **kwargs):
        if not __is_followed__():
            return _table(*args, **kwargs)
        return self._with([~Q(*args, **kwargs)])

    def union(self, *others, **options):
        if not __is_followed__():
            return _table(*others)
        made = self
        for other in others:
            made = made | other
        return made

    def intersection(self, *others):
        if not __is_followed__():
            return _table(*others)
        made = self
        for other in others:
            made = made & other
        return made

    def difference(self, *others):
        return self._with([]) if __is_followed__() else _table(*others)

    def __or__(self, other):
        if __kind_of__(other) != "instance":
            return self
        made = self._with([])
        made._clauses = [Q(*self._start()._clauses) | Q(*other._start()._clauses)]
        return made

    def __and__(self, other):
        return self._with(other._start()._clauses) if __kind_of__(other) == "instance" else self

    def none(self):
        if not __is_followed__():
            return self
        made = self._with([])
        made._is_empty = True
        return made

    def get(self, *args, **kwargs):
        if not __is_watched__():
            return _table(*args, **kwargs)
        return self._one([*args, kwargs])

    def first(self, *args, **kwargs):
        return self._one() if __is_watched__() else _table(*args, **kwargs)

    last = first

    def latest(self, *args, **kwargs):
        return self._one() if __is_watched__() else _table(*args, **kwargs)

    earliest = latest

    async def aget(self, *args, **kwargs): return self.get(*args, **kwargs)
    async def afirst(self): return self.first()
    async def alast(self): return self.last()

    def _counted(self, *args, **kwargs):
        return __part_of__(self._read()) if __is_watched__() else _table(*args, **kwargs)

    exists = count = aggregate = contains = explain = aexists = acount = _counted

    def in_bulk(self, id_list=None, **options):
        if not __is_watched__():
            return _table(id_list)
        return {__unknown__("a key"): self._read([] if id_list is None else [{"pk__in": id_list}])}

    def create(self, **kwargs):
        if not __is_watched__():
            return _table(**kwargs)
        model = self._start()._about()
        return __event__("insert", model, self._given(kwargs), gives=model)

    def _given(self, values): return values

    async def acreate(self, **kwargs): return self.create(**kwargs)

    def get_or_create(self, defaults=None, **kwargs):
        if not __is_watched__():
            return _table(defaults, **kwargs)
        found = self._one([kwargs])
        self.create(**kwargs, **(defaults or {}))
        return (found, __unknown__("whether it is new"))

    def update_or_create(self, defaults=None, create_defaults=None, **kwargs):
        if not __is_watched__():
            return _table(defaults, **kwargs)
        found = self._one([kwargs])
        __noted__("assign", found, defaults or {})
        __noted__("save", found)
        self.create(**kwargs, **(defaults or {}))
        return (found, __unknown__("whether it is new"))

    async def aget_or_create(self, *args, **kwargs): return self.get_or_create(*args, **kwargs)
    async def aupdate_or_create(self, *args, **kwargs): return self.update_or_create(*args, **kwargs)

    def bulk_create(self, objs, *args, **options):
        if not __is_watched__():
            return _table(objs)
        for obj in objs:
            __noted__("save", obj)
        return objs

    abulk_create = bulk_create

    def bulk_update(self, objs, fields=(), *args, **options):
        if not __is_watched__():
            return _table(objs)
        for obj in objs:
            __noted__("save", obj)
        return __unknown__("a number of records")

    abulk_update = bulk_update

    def update(self, **values):
        if not __is_watched__():
            return _table(**values)
        start = self._start()
        __noted__("update", start._about(), start._clauses, values)
        return __unknown__("a number of records")

    async def aupdate(self, **values): return self.update(**values)

    def delete(self):
        if not __is_watched__():
            return _table()
        start = self._start()
        __noted__("delete-where", start._about(), start._clauses)
        return (__unknown__("a number of records"), {})

    async def adelete(self): return self.delete()

    def raw(self, raw_query, params=(), *args, **options):
        if not __is_watched__():
            return _table(raw_query, params)
        __noted__("statement", raw_query, params)
        return __open_list__(_table(raw_query, params))

    def extra(self, select=None, where=None, params=None, tables=None, order_by=None, select_params=None):
        if __is_watched__():
            for part in (select, where, tables):
                if part is not None:
                    __noted__("statement", part, params)
        return self._same()

    def values_list(self, *fields, **kwargs):
        if not __is_followed__():
            return _table(*fields, **kwargs)
        made = self._with([])
        made._column = fields[0] if len(fields) == 1 else None
        return made

    values = values_list

    def _rows(self, *args, **kwargs):
        return self._start() if __is_followed__() else _table(*args, **kwargs)

    iterator = dates = datetimes = _rows

    def _same(self, *args, **kwargs):
        return self._start() if __is_followed__() else self

    all = order_by = distinct = reverse = select_related = prefetch_related = annotate = alias = defer = only = using = _same
    select_for_update = get_queryset = _same

    def __iter__(self):
        return [] if self._is_empty else __open_list__(self._read() if __is_watched__() else _table())

    __aiter__ = __iter__

    def __getitem__(self, key):
        if not __is_watched__():
            return __unknown__("records of a table")
        # A part of the set, but for one by its place.
        return self._one() if __kind_of__(key) == "constant" else self._start()

    def __len__(self):
        return self._counted()

    def __bool__(self):
        return self._counted() if __is_watched__() else True
