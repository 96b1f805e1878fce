from werkzeug.exceptions import abort as _abort


def abort(code=500, message=None, **kwargs):
    _abort(int(code))


class RestError(Exception): pass
class SpecsError(RestError): pass
class ValidationError(RestError): pass
