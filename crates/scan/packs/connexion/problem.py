from werkzeug.exceptions import HTTPException


class ProblemException(HTTPException):
    code = 400
    status = 400

    def __init__(self, *, status=400, title=None, detail=None, type=None, instance=None, headers=None, ext=None):
        self.status = self.code = status
        self.title = title
        self.detail = detail
        self.response = None


def problem(status, title, detail, type=None, instance=None, headers=None, ext=None):
    return {}, status
