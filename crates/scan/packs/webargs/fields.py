from marshmallow.fields import *
from marshmallow.fields import List as _List, Tuple as _Tuple


class DelimitedList(_List):
    """A list that stands in one text: of the query it is one value."""

    def __init__(self, cls_or_instance=None, *, delimiter=None, **options):
        super().__init__(cls_or_instance, **options)


class DelimitedTuple(_Tuple): pass
