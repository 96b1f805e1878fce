from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.websockets import WebSocket


class HTTPEndpoint:
    def __init__(self, scope, receive, send):
        self.scope = scope
        self.receive = receive
        self.send = send

    async def dispatch(self):
        request = Request(self.scope, receive=self.receive)
        name = "get" if request.method == "HEAD" and not hasattr(self, "head") else request.method.lower()
        handler = getattr(self, name, self.method_not_allowed)
        response = await handler(request)
        await response(self.scope, self.receive, self.send)

    async def method_not_allowed(self, request):
        return PlainTextResponse("Method Not Allowed", status_code=405)


class WebSocketEndpoint:
    def __init__(self, scope, receive, send):
        self.scope = scope
        self.receive = receive
        self.send = send

    async def dispatch(self):
        websocket = WebSocket(self.scope, receive=self.receive, send=self.send)
        await self.on_connect(websocket)
        await self.on_receive(websocket, await websocket.receive_text())

    async def on_connect(self, websocket):
        await websocket.accept()

    async def on_receive(self, websocket, data):
        pass

    async def on_disconnect(self, websocket, close_code):
        pass
