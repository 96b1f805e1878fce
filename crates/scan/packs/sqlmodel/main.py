from pydantic.main import BaseModel
from sqlalchemy.orm.session import Session as _Session
from sqlalchemy.schema import MetaData


class SQLModel(BaseModel):
    metadata = MetaData()

    def __init_subclass__(cls, table=False, **options):
        if table:
            __mapped__(cls)

    @classmethod
    def model_validate(cls, obj, *, update=None, **options):
        made = cls(**obj)
        for name, value in (update or {}).items():
            setattr(made, name, value)
        return made

    from_orm = parse_obj = model_validate

    def sqlmodel_update(self, obj, *, update=None):
        setattr(self, __unknown__("any field"), obj)
        return self


class Session(_Session): pass
