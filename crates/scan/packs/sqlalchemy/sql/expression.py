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


def false():
    return False


def null():
    return None


def desc(column):
    return column


asc = distinct = nulls_first = nulls_last = nullsfirst = nullslast = all_ = any_ = literal = type_coerce = desc


def aliased(entity, alias=None, **options):
    return entity


def case(*whens, **options):
    return __unknown__("one of several expressions")


between = tuple_ = case


def bindparam(key, value=None, **options):
    return value


class _Functions:
    """`func.lower(User.name)` is about what its argument is about."""

    def __getattr__(self, name):
        return _applied


def _applied(*arguments, **options):
    return arguments[0] if arguments else None


func = _Functions()


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

    def __invert__(self):
        return not __every__(*self._clauses)

    def where(self, *clauses):
        return self._with(clauses)

    filter = where

    def filter_by(self, **values):
        return self._with([getattr(self._entity, name) == value for name, value in values.items()])

    def select_from(self, *entities):
        return self._instead_of_nothing(entities)

    def join(self, *arguments, **options):
        return self._instead_of_nothing(arguments)

    outerjoin = join

    def with_parent(self, instance, prop=None, **options):
        from sqlalchemy.orm.relationships import with_parent

        # Which relationship is meant is not said: who limits it is.
        return self._with([with_parent(instance, prop) if prop is not None else instance.id])

    def _instead_of_nothing(self, entities):
        """`select(func.count()).select_from(User)`: only here it is said what it is about."""
        if self._entity is None and entities:
            self._entity = entities[0]
        return self

    def _same(self, *arguments, **options):
        return self

    def __getattr__(self, name):
        return self._same


class Select(Statement):
    def _run(self, values=None):
        return __event__("read", self._entity, self._clauses, gives=self._entity)


class Insert(Statement):
    def values(self, *arguments, **values):
        new = self._with([])
        new._values = _merged(self._values, arguments, values)
        return new

    def from_select(self, names, select, **options):
        return self

    def _run(self, values=None):
        given = _merged(self._values, [values], {}) if values is not None else self._values
        return __event__("insert", self._entity, given, gives=self._entity)


class Update(Statement):
    def values(self, *arguments, **values):
        new = self._with([])
        new._values = _merged(self._values, arguments, values)
        return new

    def _run(self, values=None):
        return __event__("update", self._entity, self._clauses, self._values, gives=self._entity)


class Delete(Statement):
    def _run(self, values=None):
        return __event__("delete-where", self._entity, self._clauses, gives=self._entity)


class TextClause(Statement):
    """A statement that is written as a text."""

    def __init__(self, text=""):
        self._text = text
        self._given = None

    def bindparams(self, *arguments, **values):
        self._given = values
        return self

    def columns(self, *arguments, **options):
        return self

    def _run(self, values=None):
        return __event__("sql", self._text, values if values is not None else self._given)


def text(text, *arguments, **options):
    return TextClause(text)


def _merged(values, more, named):
    """What a statement sets: a dict, or one of many."""
    for one in more:
        if isinstance(one, (list, tuple)):
            one = one[0] if one else {}
        values = {**values, **one} if isinstance(one, dict) else one
    return {**values, **named} if named else values


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


def exists(*entities, **options):
    return select(*entities)


def union(*statements, **options):
    return statements[0]


union_all = intersect = except_ = union
