from sqlalchemy.orm.decl_api import as_declarative, declarative_base, declared_attr
