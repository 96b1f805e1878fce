from jose import jwt
from jose.exceptions import ExpiredSignatureError, JOSEError, JWSError, JWTError
