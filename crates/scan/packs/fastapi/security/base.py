from fastapi.security.schemes import *
