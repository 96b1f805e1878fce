"""Statements: what they are about and what limits them. A method that is not described here changes neither."""


def and_(*clauses):
    return __every__(*clauses)


def or_(*clauses):
    return __any__(*clauses)


def not_(clause):
    return not clause


def cast(expression, type_):
    return expression


def true():
    return True


class Statement:
    _entity = None
    _clauses = []
    _values = {}

    def _with(self, clauses):
        new = type(self)()
        new._entity = self._entity
        new._values = self._values
        new._clauses = [*self._clauses, *clauses]
        return new

    def where(self, *clauses):
        return self._with(clauses)

    filter = where

    def filter_by(self, **values):
        return self._with([getattr(self._entity, name) == value for name, value in values.items()])

    def _same(self, *arguments, **options):
        return self

    def __getattr__(self, name):
        return self._same


class Select(Statement):
    def select_from(self, *entities):
        return self

    def join(self, *arguments, **options):
        return self

    def _run(self):
        return __event__("read", self._entity, self._clauses, gives=self._entity)


class Insert(Statement):
    def values(self, *arguments, **values):
        new = self._with([])
        new._values = values
        return new

    def _run(self):
        return __event__("insert", self._entity, self._values, gives=self._entity)


class Update(Statement):
    def values(self, *arguments, **values):
        new = self._with([])
        new._values = {**self._values, **values}
        for more in arguments:
            new._values = more if isinstance(more, dict) else __open_dict__()
        return new

    def _run(self):
        return __event__("update", self._entity, self._clauses, self._values, gives=self._entity)


class Delete(Statement):
    def _run(self):
        return __event__("delete-where", self._entity, self._clauses, gives=self._entity)


def _about(statement, entity):
    statement._entity = entity
    return statement


def select(*entities):
    # Version 1.3 took a list.
    first = entities[0] if entities else None
    if isinstance(first, list):
        first = first[0] if first else None
    return _about(Select(), first)


def insert(entity):
    return _about(Insert(), entity)


def update(entity):
    return _about(Update(), entity)


def delete(entity):
    return _about(Delete(), entity)
