from starlette.exceptions import HTTPException


class RateLimitExceeded(HTTPException):
    limit = None

    def __init__(self, limit=None):
        self.limit = limit
        super().__init__(429)
