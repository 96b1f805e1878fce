from sqlalchemy.orm import Query, Session, declarative_base, relationship
from sqlalchemy.schema import Column, ForeignKey, ForeignKeyConstraint, MetaData, PrimaryKeyConstraint, Table, UniqueConstraint
from sqlalchemy.sql.expression import and_, delete, insert, not_, or_, select, update


class _QueryOf:
    """`Model.query`: a query for the class through which it is asked for."""

    def __get__(self, instance, owner):
        query = Query()
        query._entity = owner
        return query


class SQLAlchemy:
    Column = Column
    ForeignKey = ForeignKey
    ForeignKeyConstraint = ForeignKeyConstraint
    UniqueConstraint = UniqueConstraint
    PrimaryKeyConstraint = PrimaryKeyConstraint
    Table = Table
    Query = Query

    def __init__(self, app=None, *, metadata=None, session_options=None, query_class=Query, model_class=None, engine_options=None, **options):
        self.Model = declarative_base()
        self.session = Session()
        self.metadata = MetaData()
        if app is not None:
            self.init_app(app)

    def init_app(self, app):
        app.extensions["sqlalchemy"] = self

    def create_all(self, *args, **options): pass
    def drop_all(self, *args, **options): pass
    def relationship(self, *args, **options): return relationship(*args, **options)
    def and_(self, *clauses): return and_(*clauses)
    def or_(self, *clauses): return or_(*clauses)
    def not_(self, clause): return not_(clause)
    def select(self, *entities): return select(*entities)

    def get_or_404(self, entity, ident, **options):
        return self.session.get(entity, ident)
