from starlette.staticfiles import *
