from flask_restful import marshal, marshal_with, marshal_with_field
