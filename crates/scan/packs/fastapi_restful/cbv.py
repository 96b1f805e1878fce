from fastapi_utils.cbv import cbv
