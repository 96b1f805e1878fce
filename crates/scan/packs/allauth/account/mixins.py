from django.contrib.auth.mixins import LoginRequiredMixin


class _Mixin: pass
class RedirectAuthenticatedUserMixin(_Mixin): pass
class LogoutFunctionalityMixin(_Mixin): pass
class AjaxCapableProcessFormViewMixin(_Mixin): pass
class CloseableSignupMixin(_Mixin): pass
class NextRedirectMixin(_Mixin): pass
