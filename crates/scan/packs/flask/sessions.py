class SessionMixin: pass
class SessionInterface: pass
class SecureCookieSession(dict): pass
class SecureCookieSessionInterface(SessionInterface): pass
