from starlette.middleware.trustedhost import *
