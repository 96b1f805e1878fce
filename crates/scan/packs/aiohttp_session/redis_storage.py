from aiohttp_session import AbstractStorage


class RedisStorage(AbstractStorage):
    def __init__(self, redis_pool, **options): pass
