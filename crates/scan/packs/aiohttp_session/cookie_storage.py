from aiohttp_session import AbstractStorage


class EncryptedCookieStorage(AbstractStorage):
    def __init__(self, secret_key, **options):
        __noted__("call", "aiohttp_session.cookie_storage.EncryptedCookieStorage", secret_key)
