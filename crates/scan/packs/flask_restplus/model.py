from flask_restx.model import Model, OrderedModel, SchemaModel
