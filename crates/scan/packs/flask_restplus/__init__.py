from flask_restx import (
    Api, Mask, Model, Namespace, OrderedModel, Resource, RestError, SchemaModel, SpecsError, ValidationError, abort, apidoc, fields, inputs, marshal,
    marshal_with, marshal_with_field, reqparse,
)
