from flask_limiter import Limiter, RateLimitExceeded, RequestLimit
