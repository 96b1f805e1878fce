from flask_marshmallow import Hyperlinks, URLFor
from marshmallow.fields import *

AbsoluteURLFor = AbsoluteUrlFor = UrlFor = URLFor


class File(Field): _schema = {"type": "string", "format": "binary"}
