from sqlalchemy.orm.decl_api import DeclarativeBase, DeclarativeBaseNoMeta, MappedAsDataclass, as_declarative, declarative_base, declared_attr, registry
from sqlalchemy.orm.mapping import Mapped, column_property, deferred, mapped_column, relationship
from sqlalchemy.orm.session import Query, Session, scoped_session, sessionmaker
