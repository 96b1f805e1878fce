from flask import abort
from sqlalchemy.orm import DeclarativeBase, Query as _Query, Session, backref, declarative_base, relationship
from sqlalchemy.orm.session import QueryProperty
from sqlalchemy.schema import Column, ForeignKey, ForeignKeyConstraint, Index, MetaData, PrimaryKeyConstraint, Sequence, Table, UniqueConstraint
from sqlalchemy.sql.expression import aliased, and_, asc, case, cast, delete, desc, distinct, exists, func, insert, literal, not_, null, or_, select, text, tuple_, update


class Query(_Query):
    def get_or_404(self, ident, description=None):
        return _found(self.get(ident))

    def first_or_404(self, description=None):
        return _found(self.first())

    one_or_404 = first_or_404

    def paginate(self, *args, **options):
        return Pagination(self.all())


BaseQuery = Query


class Pagination:
    """One page of many rows."""

    page = next_num = prev_num = __unknown__("the number of a page")
    total = pages = per_page = __unknown__("a number of rows")
    has_next = has_prev = __unknown__("whether there is another page")

    def __init__(self, items):
        self.items = items

    def __iter__(self): return self.items
    def iter_pages(self, **options): return __unknown__("the numbers of pages")
    def next(self, error_out=False): return self
    def prev(self, error_out=False): return self


def _found(row):
    if row is None:
        abort(404)
    return row


class Model: pass


class SQLAlchemy:
    Column = Column
    ForeignKey = ForeignKey
    ForeignKeyConstraint = ForeignKeyConstraint
    UniqueConstraint = UniqueConstraint
    PrimaryKeyConstraint = PrimaryKeyConstraint
    Index = Index
    Sequence = Sequence
    Table = Table
    Query = Query
    func = func

    def __init__(self, app=None, *, metadata=None, session_options=None, query_class=Query, model_class=None, engine_options=None, **options):
        of = model_class if model_class is not None else Model
        if issubclass(of, DeclarativeBase):
            self.Model = of
        else:
            self.Model = declarative_base(of)
        self.Model.query = QueryProperty(query_class)
        self.session = Session()
        self.session._query_class = query_class
        self.metadata = MetaData()
        self.engine = self.session
        if app is not None:
            self.init_app(app)

    def init_app(self, app):
        app.extensions["sqlalchemy"] = self

    def create_all(self, *args, **options):
        __noted__("schema-change", "flask_sqlalchemy.SQLAlchemy.create_all")

    def drop_all(self, *args, **options):
        __noted__("schema-change", "flask_sqlalchemy.SQLAlchemy.drop_all")

    def create_session(self, *args, **options): return self.session
    create_scoped_session = get_engine = create_session
    def relationship(self, *args, **options):
        back = options.get("backref")
        if isinstance(back, backref):
            options["backref"] = self.backref(back.name, **back.options)
        elif isinstance(back, str):
            options["backref"] = self.backref(back)
        return relationship(*args, **{"query_class": self.Query, **options})

    def dynamic_loader(self, *args, **options):
        return self.relationship(*args, **{**options, "lazy": "dynamic"})

    def backref(self, name, **options):
        return backref(name, **{"query_class": self.Query, **options})

    def and_(self, *clauses): return and_(*clauses)
    def or_(self, *clauses): return or_(*clauses)
    def not_(self, clause): return not_(clause)
    def select(self, *entities): return select(*entities)
    def insert(self, entity): return insert(entity)
    def update(self, entity): return update(entity)
    def delete(self, entity): return delete(entity)
    def text(self, text_): return text(text_)
    def cast(self, expression, type_): return expression
    def exists(self, *args): return exists(*args)
    def desc(self, column): return column
    asc = distinct = desc
    def aliased(self, entity, **options): return entity

    def get_or_404(self, entity, ident, **options):
        return _found(self.session.get(entity, ident))

    def first_or_404(self, statement, **options):
        return _found(self.session.execute(statement).scalar())

    one_or_404 = first_or_404

    def paginate(self, select, **options):
        return Pagination(self.session.execute(select).scalars().all())
