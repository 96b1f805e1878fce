from flask_restx.marshalling import marshal, marshal_with, marshal_with_field
