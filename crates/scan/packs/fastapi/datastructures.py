from starlette.datastructures import *
