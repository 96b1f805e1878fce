from starlette.middleware.httpsredirect import *
