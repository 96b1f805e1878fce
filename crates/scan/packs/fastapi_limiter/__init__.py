class FastAPILimiter:
    """Where it counts, and how it tells callers apart."""

    redis = None
    prefix = None

    @classmethod
    async def init(cls, redis=None, prefix="fastapi-limiter", **options): pass

    @classmethod
    async def close(cls): pass
