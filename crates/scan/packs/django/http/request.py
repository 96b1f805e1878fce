from django.core.files import UploadedFile
from starlette.datastructures import Cookies, Credentials, Headers


class UnreadablePostError(OSError): pass
class RawPostDataException(Exception): pass
class HttpHeaders(Headers): pass
class QueryDict(dict): pass


class Files:
    """The files of a form."""

    def get(self, key, default=None):
        return __labelled__(16, name=key, given="upload", kind=UploadedFile)

    def __getitem__(self, key):
        return __labelled__(16, name=key, given="upload", kind=UploadedFile)

    def getlist(self, key, default=None):
        return __open_list__(self[key])

    def __contains__(self, key):
        return __labelled__(16, name=key, given="form")

    def __bool__(self):
        return __labelled__(16, given="form")

    def values(self):
        return __open_list__(self["file"])

    def items(self):
        return __open_list__(("file", self["file"]))


class Session(Credentials):
    """The session of a caller who brings no cookie: empty, until the program puts something into it."""

    session_key = None
    modified = False
    accessed = False

    def __setitem__(self, key, value): pass
    def __delitem__(self, key): pass
    def update(self, *args, **values): pass
    def clear(self): pass
    def flush(self): pass
    def save(self, *args, **options): pass
    def create(self): pass
    def cycle_key(self): pass
    def set_expiry(self, value): pass
    def get_expiry_age(self, **options): return 1209600
    def is_empty(self): return __labelled__(2, True)
    def setdefault(self, key, default=None): return default


class Environ(Credentials):
    """`request.META`: fields of the request, among which a credential may be, and what is none."""

    def get(self, key, default=None):
        if not isinstance(key, str):
            return __labelled__(2, default)
        if key.startswith("HTTP_"):
            return Headers().get(key[5:].replace("_", "-"), default)
        return __labelled__(2, default, name=key) if key in ("REMOTE_USER", "AUTH_TYPE") else __labelled__(8, name=key)

    def __getitem__(self, key):
        return self.get(key)

    def __contains__(self, key):
        if isinstance(key, str) and (key.startswith("HTTP_") or key in ("REMOTE_USER", "AUTH_TYPE")):
            return __labelled__(2, False)
        return __labelled__(8, name=key)

    def __setitem__(self, key, value): pass
    def setdefault(self, key, value): return value
    def copy(self): return self


class HttpRequest:
    _user = None
    _identified = False
    _session = None
    urlconf = None
    exception_reporter_class = None
    encoding = "utf-8"
    limited = False
    site = None

    def __init__(self, scope=None):
        self.scope = scope or {}

    def _enter(self, route, scope):
        from django.urls.resolvers import ResolverMatch
        self.scope = scope
        self._route = route
        self.resolver_match = __carrying__(32, ResolverMatch(route))

    @property
    def method(self):
        # A view that takes any tells them apart itself.
        method = self.scope["method"]
        return __labelled__(32, name="method") if method == "*" and __is_watched__() else method

    @method.setter
    def method(self, value): pass

    @property
    def path(self):
        return self.scope["path"]

    @path.setter
    def path(self, value): pass

    @property
    def path_info(self):
        return self.scope["path"]

    @path_info.setter
    def path_info(self, value): pass

    def get_full_path(self, force_append_slash=False): return self.scope["path"]
    def get_full_path_info(self, force_append_slash=False): return self.scope["path"]

    @property
    def user(self):
        from django.contrib.auth import _user_of
        __tried__("session")
        if not self._identified:
            self._user = _user_of(self)
            self._identified = True
        return self._user

    @user.setter
    def user(self, value):
        # A lazy object is whom it finds.
        if __is_watched__() and __kind_of__(value) == "instance":
            from django.utils.functional import SimpleLazyObject
            if isinstance(value, SimpleLazyObject):
                value = value._setup_func()
        self._user = value
        self._identified = True

    async def auser(self):
        return self.user

    @property
    def session(self):
        if self._session is None:
            self._session = __carrying__(2, Session())
        return self._session

    @session.setter
    def session(self, value): pass

    @property
    def headers(self):
        return __carrying__(2, Headers())

    @property
    def META(self):
        return __carrying__(2, Environ())

    @property
    def environ(self):
        return __carrying__(2, Environ())

    @property
    def COOKIES(self):
        return __carrying__(2, Cookies())

    @property
    def GET(self):
        return __labelled__(4, given="query")

    @GET.setter
    def GET(self, value): pass

    @property
    def POST(self):
        return __labelled__(16, given="form")

    @POST.setter
    def POST(self, value): pass

    @property
    def FILES(self):
        return __carrying__(16, Files())

    @property
    def body(self):
        return __labelled__(16, name="body")

    @property
    def content_type(self):
        return __labelled__(8, name="content_type")

    @property
    def content_params(self):
        return __labelled__(8, name="content_params")

    @property
    def scheme(self):
        return __labelled__(8, name="scheme")

    def read(self, *args): return __labelled__(16, name="body")
    def readline(self, *args): return __labelled__(16, name="body")
    def get_host(self): return __labelled__(8, name="host")
    def get_port(self): return __labelled__(8, name="port")
    def is_secure(self): return __labelled__(8, name="is_secure")
    def is_ajax(self): return __labelled__(8, name="is_ajax")
    def accepts(self, media_type): return __labelled__(8, name="accepts")
    def build_absolute_uri(self, location=None): return __unknown__("an address")
    def get_signed_cookie(self, key, default=None, **options): return __labelled__(2, default, name=key)
    def get_preferred_type(self, media_types): return __labelled__(8, name="accepts")
