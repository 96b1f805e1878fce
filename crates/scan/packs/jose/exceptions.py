class JOSEError(Exception): pass
class JWSError(JOSEError): pass
class JWTError(JOSEError): pass
class JWTClaimsError(JWTError): pass
class ExpiredSignatureError(JWTError): pass
class JWKError(JOSEError): pass
