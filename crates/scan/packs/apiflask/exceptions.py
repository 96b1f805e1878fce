class HTTPError(Exception):
    status_code = 500

    def __init__(self, status_code=None, message=None, detail=None, headers=None, extra_data=None):
        if status_code is not None:
            self.status_code = status_code
        self.message = message
        self.detail = detail or {}
        self.headers = headers or {}
        self.extra_data = extra_data or {}


def abort(status_code, message=None, detail=None, headers=None, extra_data=None):
    raise HTTPError(status_code, message, detail, headers, extra_data)
