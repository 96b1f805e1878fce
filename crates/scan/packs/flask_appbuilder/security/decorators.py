from functools import update_wrapper

from flask import abort, current_app, jsonify, make_response, redirect, request, url_for
from flask_appbuilder.const import PERMISSION_PREFIX
from flask_jwt_extended import verify_jwt_in_request
from flask_login import current_user


def _permission_of(view, f):
    """The permission that a method asks for. Of one that is not among the base permissions of its class there is no row: nobody has it."""
    name = view.method_permission_name.get(f.__name__) if view.method_permission_name else None
    return PERMISSION_PREFIX + (name or f._permission_name)


def protect(allow_browser_login=False):
    def _protect(f):
        if not hasattr(f, "_permission_name"):
            f._permission_name = f.__name__

        def wraps(self, *args, **kwargs):
            permission = _permission_of(self, f)
            name = self.class_permission_name
            manager = current_app.appbuilder.sm
            if manager.is_item_public(permission, name):
                return f(self, *args, **kwargs)
            if not (self.allow_browser_login or allow_browser_login):
                verify_jwt_in_request()
            if manager.has_access(permission, name):
                return f(self, *args, **kwargs)
            if (self.allow_browser_login or allow_browser_login) and not current_user.is_authenticated:
                verify_jwt_in_request()
                if manager.has_access(permission, name):
                    return f(self, *args, **kwargs)
            return self.response_403()
        return update_wrapper(wraps, f)
    return _protect


def has_access(f):
    if not hasattr(f, "_permission_name"):
        f._permission_name = f.__name__

    def wraps(self, *args, **kwargs):
        permission = _permission_of(self, f)
        if self.appbuilder.sm.has_access(permission, self.class_permission_name):
            return f(self, *args, **kwargs)
        if current_user.is_authenticated and current_user.is_active:
            abort(403)
        return redirect(url_for("AuthView.login", next=request.url))
    return update_wrapper(wraps, f)


def has_access_api(f):
    if not hasattr(f, "_permission_name"):
        f._permission_name = f.__name__

    def wraps(self, *args, **kwargs):
        permission = _permission_of(self, f)
        if self.appbuilder.sm.has_access(permission, self.class_permission_name):
            return f(self, *args, **kwargs)
        if not current_user.is_authenticated:
            return response_unauthorized_mvc(401)
        return response_unauthorized_mvc(403)
    return update_wrapper(wraps, f)


def response_unauthorized_mvc(status_code):
    return make_response(jsonify({}), status_code)


response_unauthorized = response_unauthorized_mvc


def permission_name(name):
    def wraps(f):
        f._permission_name = name
        return f
    return wraps


def limit(limit_value, *args, **options): return lambda f: f
def no_cache(view): return view
