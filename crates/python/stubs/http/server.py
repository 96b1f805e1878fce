class _Answer:
    """What a server without a framework writes back, behind the head that its handler wrote."""

    # Without a type of content, a browser looks at what it is.
    content_type = None

    def write(self, page): pass
    def flush(self): pass


class BaseHTTPRequestHandler:
    """One request of a server without a framework: the client wrote its path, its fields and its body."""

    def __init__(self, request, client_address, server):
        self.request = request
        self.client_address = client_address
        self.server = server
        self.path = __labelled__(4, name="path")
        self.requestline = __labelled__(4, name="requestline")
        self.command = __labelled__(8, name="command")
        self.headers = __labelled__(8, name="headers")
        self.rfile = __labelled__(16, name="rfile")
        self.wfile = _Answer()

    def send_response(self, code, message=None): pass
    def send_error(self, code, message=None, explain=None): pass

    def send_header(self, keyword, value):
        if keyword.lower() == "content-type":
            self.wfile.content_type = value

    def end_headers(self): pass
    def log_message(self, format, *args): pass


class SimpleHTTPRequestHandler(BaseHTTPRequestHandler): pass
class CGIHTTPRequestHandler(SimpleHTTPRequestHandler): pass
