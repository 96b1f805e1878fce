from starlette.responses import Response as _Response


class Response(_Response):
    def __init__(self, response=None, status=None, headers=None, mimetype=None, content_type=None, direct_passthrough=False):
        self.status_code = 200 if status is None else _number(status)
        self.content = response
        self.headers = {} if headers is None else headers
        self.response = response
        self.data = response
        self.mimetype = mimetype
        self.content_type = content_type

    @property
    def status(self):
        return str(self.status_code)

    @status.setter
    def status(self, value):
        self.status_code = _number(value)

    def get_json(self, *args, **options): return __unknown__("the body of a response")
    def get_data(self, as_text=False): return self.content
    def set_data(self, value): pass
    def make_conditional(self, *args, **options): return self
    def add_etag(self, *args, **options): pass
    def set_etag(self, *args, **options): pass


def _number(status):
    if isinstance(status, str):
        return int(status.split(" ")[0])
    return status


from flask.wrappers import Request
