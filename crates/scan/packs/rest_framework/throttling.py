from rest_framework.settings import api_settings


class BaseThrottle:
    rate = None
    scope = None

    def allow_request(self, request, view): return True
    def get_ident(self, request): return __labelled__(8, name="remote_addr")
    def wait(self): return None


class SimpleRateThrottle(BaseThrottle):
    def __init__(self): pass
    def throttle_success(self): return True
    def throttle_failure(self): return False

    @property
    def THROTTLE_RATES(self):
        return api_settings.DEFAULT_THROTTLE_RATES

    def get_rate(self):
        rates = self.THROTTLE_RATES
        return rates.get(self.scope) if __kind_of__(rates) == "dict" else rates

    def parse_rate(self, rate): return None
    def get_cache_key(self, request, view): return None


class AnonRateThrottle(SimpleRateThrottle):
    scope = "anon"

    def get_cache_key(self, request, view): return None


class UserRateThrottle(SimpleRateThrottle):
    scope = "user"

    def get_cache_key(self, request, view): return None


class ScopedRateThrottle(SimpleRateThrottle):
    scope_attr = "throttle_scope"

    def allow_request(self, request, view): return True
    def get_cache_key(self, request, view): return None
