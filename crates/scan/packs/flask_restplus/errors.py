from flask_restx.errors import RestError, SpecsError, ValidationError, abort
