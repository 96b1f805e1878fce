class Token:
    def __init__(self, token=None, verify=True):
        self.token = token

    def __getitem__(self, key): return __labelled__(130, name=key)
    def __setitem__(self, key, value): pass
    def __contains__(self, key): return __labelled__(130, name=key)
    def get(self, key, default=None): return __labelled__(130, name=key)
    def verify(self): pass
    def blacklist(self): pass
    def set_exp(self, *args, **options): pass
    def set_jti(self): pass

    @classmethod
    def for_user(cls, user): return cls()

    @property
    def access_token(self): return AccessToken()


class AccessToken(Token): pass
class RefreshToken(Token): pass
class SlidingToken(Token): pass
class UntypedToken(Token): pass
class BlacklistMixin: pass
