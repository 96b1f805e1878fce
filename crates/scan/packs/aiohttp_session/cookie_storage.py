from aiohttp_session import AbstractStorage


class EncryptedCookieStorage(AbstractStorage):
    def __init__(self, secret_key, **options): pass
