class BaseVersioning: pass
class AcceptHeaderVersioning(BaseVersioning): pass
class URLPathVersioning(BaseVersioning): pass
class NamespaceVersioning(BaseVersioning): pass
class HostNameVersioning(BaseVersioning): pass
class QueryParameterVersioning(BaseVersioning): pass
