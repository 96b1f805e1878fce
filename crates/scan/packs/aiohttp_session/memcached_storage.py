from aiohttp_session import AbstractStorage


class MemcachedStorage(AbstractStorage):
    def __init__(self, memcached_conn, **options): pass
