from fastapi_users import Authenticator


class AuthenticationBackend:
    def __class_getitem__(cls, key):
        return cls

    def __init__(self, name, transport, get_strategy):
        self.name = name
        self.transport = transport
        self.get_strategy = get_strategy
