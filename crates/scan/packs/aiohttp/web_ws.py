class WSMsgType:
    CONTINUATION, TEXT, BINARY, PING, PONG, CLOSE, CLOSING, CLOSED, ERROR = 0, 1, 2, 9, 10, 8, 256, 257, 258
    text, binary, ping, pong, close, closing, closed, error = 1, 2, 9, 10, 8, 256, 257, 258


MsgType = WSMsgType


class WSMessage:
    def __init__(self, type=None, data=None, extra=None):
        self.type = type
        self.data = data
        self.extra = extra

    def json(self, *, loads=None):
        return __labelled__(16, given="body")


def _message():
    return WSMessage(__labelled__(256, name="type"), __labelled__(16, given="body"))


from aiohttp.web_response import StreamResponse


class WebSocketReady:
    def __init__(self, ok=True, protocol=None):
        self.ok = ok
        self.protocol = protocol

    def __bool__(self):
        return True


class WebSocketResponse(StreamResponse):
    closed = False
    close_code = None
    ws_protocol = None
    protocol = None

    def __init__(self, **options):
        self.status_code = 101
        self.headers = {}

    def can_prepare(self, request): return WebSocketReady()
    def exception(self): return None
    async def receive(self, timeout=None): return _message()
    async def receive_str(self, *, timeout=None): return __labelled__(16, given="body")
    async def receive_bytes(self, *, timeout=None): return __labelled__(16, given="body")
    async def receive_json(self, *, loads=None, timeout=None): return __labelled__(16, given="body")
    async def send_str(self, data, compress=None): pass
    async def send_bytes(self, data, compress=None): pass
    async def send_json(self, data, compress=None, *, dumps=None): pass
    async def ping(self, message=b""): pass
    async def pong(self, message=b""): pass
    async def close(self, *, code=1000, message=b"", drain=True): pass
    def __iter__(self): return __open_list__(_message())
    def __aiter__(self): return self
