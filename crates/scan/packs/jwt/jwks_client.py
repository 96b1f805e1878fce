class _Published:
    """A key of a set that an issuer publishes."""

    def __init__(self, address):
        self.address = address
        self.key_id = __unknown__("the id of a published key")
        self.algorithm_name = __unknown__("the algorithm of a published key")

    @property
    def key(self):
        return self


class PyJWKClient:
    """Fetches the keys of an issuer: which of them signed a token is a matter of the token."""

    def __init__(self, uri=None, *args, **options):
        self.uri = uri

    def get_signing_key_from_jwt(self, token): return _Published(self.uri)
    def get_signing_key(self, kid): return _Published(self.uri)
    def get_signing_keys(self, refresh=False): return [_Published(self.uri)]
    def get_jwk_set(self, refresh=False): return __unknown__("a set of keys")
    def fetch_data(self): return __unknown__("a set of keys")
