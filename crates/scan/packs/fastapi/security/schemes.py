from fastapi.exceptions import HTTPException
from fastapi.params import Form
from starlette.requests import Request


class SecurityBase:
    """What a client must send: refuses with 401 where it is missing, unless `auto_error` is off."""
    __scheme__ = True
    auto_error = True

    async def __call__(self, request: Request):
        credential = __labelled__(2, None)
        if not credential:
            if self.auto_error:
                raise HTTPException(status_code=401, detail="Not authenticated")
            return credential
        return credential


class APIKeyBase(SecurityBase): pass


class _APIKey(APIKeyBase):
    def __init__(self, *, name, scheme_name=None, description=None, auto_error=True):
        self.name = name
        self.scheme_name = scheme_name
        self.auto_error = auto_error


class APIKeyQuery(_APIKey): pass
class APIKeyHeader(_APIKey): pass
class APIKeyCookie(_APIKey): pass


class HTTPBase(SecurityBase):
    def __init__(self, *, scheme=None, scheme_name=None, description=None, auto_error=True, **extra):
        self.scheme = scheme
        self.scheme_name = scheme_name
        self.auto_error = auto_error


class HTTPBasic(HTTPBase): pass
class HTTPBearer(HTTPBase): pass
class HTTPDigest(HTTPBase): pass


class OAuth2(SecurityBase):
    def __init__(self, *, flows=None, scheme_name=None, description=None, auto_error=True):
        self.scheme_name = scheme_name
        self.auto_error = auto_error


class OAuth2PasswordBearer(OAuth2):
    def __init__(self, tokenUrl, scheme_name=None, scopes=None, description=None, auto_error=True, refreshUrl=None):
        self.tokenUrl = tokenUrl
        self.scheme_name = scheme_name
        self.scopes = scopes or {}
        self.auto_error = auto_error


class OAuth2AuthorizationCodeBearer(OAuth2):
    def __init__(self, authorizationUrl, tokenUrl, refreshUrl=None, scheme_name=None, scopes=None, description=None, auto_error=True):
        self.tokenUrl = tokenUrl
        self.scheme_name = scheme_name
        self.auto_error = auto_error


class OpenIdConnect(SecurityBase):
    def __init__(self, *, openIdConnectUrl, scheme_name=None, description=None, auto_error=True):
        self.openIdConnectUrl = openIdConnectUrl
        self.scheme_name = scheme_name
        self.auto_error = auto_error


class HTTPAuthorizationCredentials:
    __record__ = True
    scheme: str
    credentials: str


class HTTPBasicCredentials:
    __record__ = True
    username: str
    password: str


class OAuth2PasswordRequestForm:
    def __init__(self, *, grant_type: str = Form(None), username: str = Form(), password: str = Form(), scope: str = Form(""),
                 client_id: str = Form(None), client_secret: str = Form(None)):
        self.grant_type = grant_type
        self.username = username
        self.password = password
        self.scopes = scope
        self.client_id = client_id
        self.client_secret = client_secret


class OAuth2PasswordRequestFormStrict(OAuth2PasswordRequestForm): pass


class SecurityScopes:
    def __init__(self, scopes=None):
        self.scopes = scopes or []
        self.scope_str = " ".join(self.scopes)
