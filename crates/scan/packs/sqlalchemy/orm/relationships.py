"""Relationships, once all models are there: what a record leads to is a look-up of its own where another table refers back to it."""

from sqlalchemy.orm.session import Query
from sqlalchemy.sql.expression import delete, select, update


class Lead:
    """Where a relationship leads: to which model, by which column there that refers to which one here."""

    __code__ = True

    def __init__(self, name, to, column, key, back, is_many, lazy, query_class):
        self.name = name
        self.to = to
        self.column = column
        self.key = key
        self.back = back
        self.is_many = is_many
        self.lazy = lazy
        self.query_class = query_class or Query

    def limits(self, of):
        value = getattr(of, self.key)
        if self.column:
            return [__related__(self.to, self.column, None) == value]
        if self.back:
            return [__related__(__related__(self.to, self.back, None), self.key, None) == value]
        return [value]

    def read(self, of):
        return __event__("related", self.to, self.limits(of), gives=self.to)

    def query(self, of):
        query = self.query_class()
        query._entity = self.to
        query._clauses = self.limits(of)
        query.append = query.add = lambda record: self.take(of, None, record)
        query.remove = _nothing
        return query

    def take(self, of, row, record):
        __noted__("extended", row)
        if self.column and __kind_of__(record) == "instance":
            setattr(record, self.column, getattr(of, self.key))
        __event__("create", record)


def _nothing(*arguments, **options):
    pass


class Attribute:
    """A relationship, read from the class."""

    def has(self, *clauses, **values):
        to = self._lead.to
        named = [__related__(to, name, None) == value for name, value in values.items()]
        return __within__(self, to, *clauses, *named)

    any = has

    def contains(self, record):
        return __related__(self, self._lead.key, None) == __related__(record, self._lead.key, None)

    def and_(self, *clauses): return self
    def of_type(self, entity): return self


class Collection:
    """The rows that a record leads to: one stands for all."""

    def __iter__(self): return __open_list__(self._row)
    def __getitem__(self, key): return self._row
    def __len__(self): return __unknown__("a number of rows")
    def __bool__(self): return __unknown__("whether there are rows")
    def remove(self, record): __noted__("extended", self._row)
    discard = clear = extend = remove
    def __getattr__(self, name): return __related__(self._row, name, None)


class Selectable:
    """What `lazy="write_only"` gives: statements about the rows."""

    def __init__(self, lead, of):
        self.select = lambda: select(lead.to).where(*lead.limits(of))
        self.delete = lambda: delete(lead.to).where(*lead.limits(of))
        self.update = lambda: update(lead.to).where(*lead.limits(of))
        self.add = lambda record: lead.take(of, None, record)
        self.remove = _nothing


def _collection(lead, of):
    made = Collection()
    # A record that is only made here leads to nothing yet.
    made._row = row = __related__(of, lead.name, lead.to) if __kind_of__(of) == "instance" else lead.read(of)
    made.append = made.add = lambda record: lead.take(of, row, record)
    return made


class Relationship:
    __relationship__ = True
    __code__ = True

    def __init__(self, declared, lead):
        self.argument = declared.argument
        self.secondary = declared.secondary
        self.options = declared.options
        self._lead = lead
        # What reading it from the class gives.
        self.__read_as__ = type("Attribute", (Attribute,), {"_lead": lead})

    def __get__(self, instance, owner):
        lead = self._lead
        if lead.lazy == "dynamic":
            return lead.query(instance)
        if lead.lazy == "write_only":
            return Selectable(lead, instance)
        if lead.is_many:
            return _collection(lead, instance)
        if not lead.column or __kind_of__(instance) == "instance":
            return __related__(instance, lead.name, lead.to)
        row = lead.read(instance)
        __noted__("one", row)
        return row


def _lead(model, declared, name, to, column, key, back, is_many, lazy, query_class):
    """A relationship of a model, told where it leads."""
    setattr(model, name, Relationship(declared, Lead(name, to, column, key, back, is_many, lazy, query_class)))


def with_parent(instance, prop=None, from_entity=None):
    return __every__(*prop._lead.limits(instance))
