from starlette.responses import RedirectResponse
from werkzeug.wrappers import Response


class _Redirect(Response, RedirectResponse):
    def __init__(self, location, code):
        super().__init__(status=code)
        self.location = location


def redirect(location, code=302, Response=None):
    return _Redirect(location, code)


def send_file(*args, **options): return Response(__unknown__("a file"))
def send_from_directory(*args, **options): return Response(__unknown__("a file"))
def secure_filename(filename): return __part_of__(filename)


def import_string(import_name, silent=False):
    module, _, name = import_name.replace(":", ".").rpartition(".")
    return getattr(__import_module__(module), name) if module else __import_module__(name)


class cached_property:
    def __new__(cls, function):
        return __cached_property__(function)
