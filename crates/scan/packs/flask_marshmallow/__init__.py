from marshmallow import Schema, fields, pprint
from marshmallow_sqlalchemy import SQLAlchemyAutoSchema, SQLAlchemySchema, auto_field


class URLFor(fields.Url): pass
class Hyperlinks(fields.Dict): pass


class Marshmallow:
    def __init__(self, app=None, **options): pass
    def init_app(self, app): pass


for _name in dir(fields):
    setattr(Marshmallow, _name, getattr(fields, _name))

Marshmallow.Schema = Schema
Marshmallow.SQLAlchemySchema = SQLAlchemySchema
Marshmallow.SQLAlchemyAutoSchema = Marshmallow.ModelSchema = SQLAlchemyAutoSchema
Marshmallow.auto_field = staticmethod(auto_field)
Marshmallow.URLFor = Marshmallow.UrlFor = Marshmallow.AbsoluteURLFor = Marshmallow.AbsoluteUrlFor = URLFor
Marshmallow.Hyperlinks = Hyperlinks
