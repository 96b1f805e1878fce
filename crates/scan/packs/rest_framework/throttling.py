class BaseThrottle:
    rate = None
    scope = None

    def allow_request(self, request, view): return True
    def get_ident(self, request): return __labelled__(8, name="remote_addr")
    def wait(self): return None


class SimpleRateThrottle(BaseThrottle):
    def get_cache_key(self, request, view): return None


class AnonRateThrottle(SimpleRateThrottle):
    scope = "anon"


class UserRateThrottle(SimpleRateThrottle):
    scope = "user"


class ScopedRateThrottle(SimpleRateThrottle):
    scope_attr = "throttle_scope"
