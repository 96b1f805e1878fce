from starlette.middleware.cors import *
