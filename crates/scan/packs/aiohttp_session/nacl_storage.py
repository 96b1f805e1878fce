from aiohttp_session import AbstractStorage


class NaClCookieStorage(AbstractStorage):
    def __init__(self, secret_key, **options): pass
