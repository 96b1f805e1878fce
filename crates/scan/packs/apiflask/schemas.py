from marshmallow import Schema
from marshmallow.fields import Integer, Nested, Url


class EmptySchema(Schema): pass


class FileSchema(Schema):
    def __init__(self, *, type="string", format="binary"):
        super().__init__()


class PaginationSchema(Schema):
    page = Integer()
    per_page = Integer()
    pages = Integer()
    total = Integer()
    current = Url()
    next = Url()
    prev = Url()
    first = Url()
    last = Url()
