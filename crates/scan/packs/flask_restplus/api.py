from flask_restx.api import Api, SwaggerView
