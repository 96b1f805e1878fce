from flask_restx import apidoc, errors, fields, inputs, namespace, reqparse, resource
from flask_restx.api import Api
from flask_restx.errors import RestError, SpecsError, ValidationError, abort
from flask_restx.marshalling import marshal, marshal_with, marshal_with_field
from flask_restx.model import Mask, Model, OrderedModel, SchemaModel
from flask_restx.namespace import Namespace
from flask_restx.resource import Resource
