from marshmallow.fields import *
from marshmallow.fields import Field, List, Nested


class Related(Field): pass
class RelatedList(List): pass
