class _Described:
    def __init__(self, **values): pass


class Info(_Described): pass
class Tag(_Described): pass
class Contact(_Described): pass
class License(_Described): pass
class Server(_Described): pass
class ExternalDocumentation(_Described): pass
class APIKey(_Described): pass
class HTTPBearer(_Described): pass
class FileStorage: pass
