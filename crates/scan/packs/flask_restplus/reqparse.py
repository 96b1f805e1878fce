from flask_restx.reqparse import Argument, ParseResult, RequestParser
