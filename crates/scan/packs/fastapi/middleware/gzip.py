from starlette.middleware.gzip import *
