class BaseThrottle:
    def __init__(self, *args, **options): pass


class AnonRateThrottle(BaseThrottle): pass
class UserRateThrottle(BaseThrottle): pass
class AuthRateThrottle(BaseThrottle): pass
