from flask_restful.reqparse import Argument, RequestParser
from flask_restful.reqparse import Namespace as ParseResult
