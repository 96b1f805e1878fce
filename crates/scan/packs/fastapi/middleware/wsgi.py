from starlette.middleware.wsgi import *
