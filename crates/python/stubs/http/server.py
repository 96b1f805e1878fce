class BaseHTTPRequestHandler:
    """One request of a server without a framework: the client wrote its path, its fields and its body."""

    @property
    def path(self):
        return __labelled__(4, name="path")

    @property
    def requestline(self):
        return __labelled__(4, name="requestline")

    @property
    def command(self):
        return __labelled__(8, name="command")

    @property
    def headers(self):
        return __labelled__(8, name="headers")

    @property
    def rfile(self):
        return __labelled__(16, name="rfile")

    @property
    def wfile(self):
        return __unknown__("what is answered")

    def send_response(self, code, message=None): pass
    def send_error(self, code, message=None, explain=None): pass
    def send_header(self, keyword, value): pass
    def end_headers(self): pass
    def log_message(self, format, *args): pass


class SimpleHTTPRequestHandler(BaseHTTPRequestHandler): pass
class CGIHTTPRequestHandler(SimpleHTTPRequestHandler): pass
