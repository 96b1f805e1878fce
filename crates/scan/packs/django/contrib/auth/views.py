from django.http import HttpResponseRedirect
from django.views.generic.base import TemplateView
from django.views.generic.edit import FormView


def redirect_to_login(next, login_url=None, redirect_field_name="next"):
    answer = HttpResponseRedirect(login_url)
    answer._to_login = True
    return answer


def logout_then_login(request, login_url=None): return redirect_to_login("/", login_url)


class RedirectURLMixin:
    next_page = None
    redirect_field_name = "next"
    success_url_allowed_hosts = set()

    def get_success_url(self): return __unknown__("an address")
    def get_redirect_url(self): return __unknown__("an address")
    def get_default_redirect_url(self): return __unknown__("an address")


SuccessURLAllowedHostsMixin = RedirectURLMixin


class _ForStrangers:
    """What who is not known yet gets to, past middleware that asks everybody to log in."""

    def dispatch(self, *args, **kwargs):
        return super().dispatch(*args, **kwargs)

    dispatch.login_required = False


class LoginView(RedirectURLMixin, _ForStrangers, FormView):
    template_name = "registration/login.html"


class LogoutView(RedirectURLMixin, TemplateView):
    http_method_names = ["post", "options"]

    def post(self, request, *args, **kwargs):
        return HttpResponseRedirect("/")


class PasswordContextMixin: pass


class PasswordResetView(PasswordContextMixin, _ForStrangers, FormView): pass
class PasswordResetDoneView(PasswordContextMixin, _ForStrangers, TemplateView): pass
class PasswordResetConfirmView(PasswordContextMixin, _ForStrangers, FormView): pass
class PasswordResetCompleteView(PasswordContextMixin, _ForStrangers, TemplateView): pass


class PasswordChangeView(PasswordContextMixin, FormView):
    def dispatch(self, *args, **kwargs):
        if not self.request.user.is_authenticated:
            return redirect_to_login("/")
        return super().dispatch(*args, **kwargs)


class PasswordChangeDoneView(PasswordContextMixin, TemplateView):
    def dispatch(self, *args, **kwargs):
        if not self.request.user.is_authenticated:
            return redirect_to_login("/")
        return super().dispatch(*args, **kwargs)
