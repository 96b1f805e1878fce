from flask.wrappers import Request, Response
from flask import abort, request


class Websocket:
    """The WebSocket of a play: the request of its handshake, and what goes on behind it."""

    def __getattr__(self, name):
        return getattr(request, name)

    async def accept(self, headers=None, subprotocol=None): __passed__()
    async def receive(self): return _opened("message")
    async def receive_json(self): return _opened("message")
    async def send(self, data): _opened("message")
    async def send_json(self, *args, **kwargs): _opened("message")
    async def close(self, code=1000, reason=""): pass


def _opened(name):
    """Who reads or writes has accepted the handshake."""
    __passed__()
    return __labelled__(16, name=name)


websocket = Websocket()
