from sqlalchemy.orm.decl_api import DeclarativeBase, DeclarativeBaseNoMeta, MappedAsDataclass, as_declarative, declarative_base, declared_attr, registry
from sqlalchemy.orm.mapping import DynamicMapped, Mapped, WriteOnlyMapped, backref, column_property, composite, deferred, dynamic_loader, mapped_column, query_expression, relation, relationship, synonym
from sqlalchemy.orm.relationships import with_parent
from sqlalchemy.orm.session import Query, Session, scoped_session, sessionmaker
from sqlalchemy.sql.expression import aliased
