from marshmallow.fields import *
from marshmallow.fields import Field
from webargs.fields import DelimitedList, DelimitedTuple


class File(Field): _schema = {"type": "string", "format": "binary"}
class Config(Field): pass
