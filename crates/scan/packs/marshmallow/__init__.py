from marshmallow import fields, validate
from marshmallow.decorators import post_dump, post_load, pre_dump, pre_load, validates, validates_schema
from marshmallow.exceptions import MarshmallowError, RegistryError, StringNotCollectionError, ValidationError
from marshmallow.schema import EXCLUDE, INCLUDE, RAISE, Schema, SchemaOpts, missing
