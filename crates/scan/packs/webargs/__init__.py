from marshmallow import validate
from webargs import fields
