from starlette.exceptions import WebSocketException
from starlette.requests import HTTPConnection


class WebSocketDisconnect(Exception): pass


class WebSocketState:
    CONNECTING = 0
    CONNECTED = 1
    DISCONNECTED = 2


REFUSALS = (1008, 3000, 3003, 4001, 4003, 4401, 4403)


class WebSocket(HTTPConnection):
    def __init__(self, scope, receive=None, send=None):
        self.scope = scope

    @property
    def query_params(self):
        return __labelled__(2, name="query_params")

    async def accept(self, *args, **options):
        __passed__()

    async def close(self, code=1000, reason=None):
        """Nothing that follows reaches the client: a close with a refusing code is the end, like an exception."""
        if code in REFUSALS:
            raise WebSocketException(code, reason)

    async def send_denial_response(self, response):
        __answered__(response)

    async def receive_text(self):
        return __labelled__(16, name="message")

    async def receive_json(self, **options):
        return __labelled__(16, name="message")

    async def receive_bytes(self):
        return __labelled__(16, name="message")

    async def receive(self):
        return __labelled__(16, name="message")

    async def iter_text(self):
        yield __labelled__(16, name="message")

    async def iter_json(self):
        yield __labelled__(16, name="message")

    async def send_text(self, data):
        pass

    async def send_json(self, data, **options):
        pass
