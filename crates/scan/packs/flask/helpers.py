import os

from flask.wrappers import Response
from werkzeug.exceptions import abort
from werkzeug.utils import redirect, send_file, send_from_directory


def make_response(*args):
    if not args:
        return Response()
    if len(args) == 1:
        args = args[0]
    return _response(args)


def _response(answer):
    """What a view returns, as a response: a body, or a tuple of body, status, headers."""
    status = 200
    if isinstance(answer, tuple):
        if len(answer) > 1 and isinstance(answer[1], (int, str)):
            status = answer[1]
        answer = answer[0]
    if isinstance(answer, Response):
        if status != 200:
            answer.status_code = _number(status)
        return answer
    return Response(answer, status=status)


def _number(status):
    return int(status.split(" ")[0]) if isinstance(status, str) else status


def url_for(endpoint, **values):
    if __is_watched__() and values.get("_external"):
        return __labelled__(8, name="url", given="host")
    return __unknown__("an address")


_ESCAPED = (".html", ".htm", ".xml", ".xhtml", ".svg")


def render_template(template_name_or_list, **context):
    return __noted__("render", _ESCAPED, False, template_name_or_list, context) if __is_watched__() else __unknown__("a page")


def stream_template(template_name_or_list, **context):
    return render_template(template_name_or_list, **context)


def render_template_string(source, **context):
    return __unknown__("a page")


def flash(message, category="message"): pass
def get_flashed_messages(with_categories=False, category_filter=()): return []
def get_template_attribute(template_name, attribute): return __unknown__("a template")
def has_app_context():
    from flask.globals import _current
    return _current.app is not None


has_request_context = has_app_context
def stream_with_context(generator): return generator
def copy_current_request_context(f): return f
def after_this_request(f): return f


def get_root_path(import_name):
    """The folder of a module."""
    module = __import_module__(import_name)
    return os.path.dirname(module.__file__)
