from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.utils.deprecation import MiddlewareMixin


from django.contrib.auth import get_user


async def auser(request): return get_user(request)


class AuthenticationMiddleware(MiddlewareMixin): pass


class LoginRequiredMiddleware(MiddlewareMixin):
    redirect_field_name = "next"

    def process_view(self, request, view_func, view_args, view_kwargs):
        if request.user.is_authenticated:
            return None
        if not getattr(view_func, "login_required", True):
            return None
        return self.handle_no_permission(request, view_func)

    def get_login_url(self, view_func): return getattr(view_func, "login_url", None) or settings.LOGIN_URL
    def get_redirect_field_name(self, view_func): return self.redirect_field_name
    def handle_no_permission(self, request, view_func): return redirect_to_login(request.get_full_path(), self.get_login_url(view_func))


class RemoteUserMiddleware(MiddlewareMixin):
    header = "REMOTE_USER"


class PersistentRemoteUserMiddleware(RemoteUserMiddleware): pass
