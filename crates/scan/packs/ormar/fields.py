"""Fields of Ormar's models: those of Pydantic that are columns, too."""

from pydantic.fields import FieldInfo
from sqlalchemy.orm import relationship
from sqlalchemy.schema import Column, ForeignKey as _Refers


def _field(**options):
    default = options.get("default", options.get("server_default", ...))
    is_filled = options.get("primary_key") or options.get("nullable")
    return FieldInfo(**{**options, "default": None if default is ... and is_filled else default})


Integer = BigInteger = SmallInteger = String = Text = Boolean = Float = Decimal = Date = DateTime = Time = JSON = UUID = LargeBinary = _field
Enum = _field


class _Foreign(FieldInfo):
    def __init__(self, to=None, **options):
        FieldInfo.__init__(self, **{"default": None, **options})
        self.to = to


ForeignKey = _Foreign


def ManyToMany(to, through=None, **options):
    return relationship(to, secondary="through", lazy="dynamic", backref=options.get("related_name"))


class ReferentialAction:
    CASCADE = RESTRICT = SET_NULL = SET_DEFAULT = NO_ACTION = None


class EncryptBackends:
    NONE = FERNET = HASH = CUSTOM = None


CASCADE = RESTRICT = SET_NULL = SET_DEFAULT = NO_ACTION = None
