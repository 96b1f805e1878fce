from marshmallow.validate import *
from marshmallow.validate import Validator


class FileSize(Validator): pass
class FileType(Validator): pass
