from django.core.exceptions import PermissionDenied

SESSION_KEY = "_auth_user_id"
BACKEND_SESSION_KEY = "_auth_user_backend"
HASH_SESSION_KEY = "_auth_user_hash"
REDIRECT_FIELD_NAME = "next"


def _user_of(request):
    """Who a request is from, as far as the session tells: nobody, or somebody of whom nothing is known."""
    from django.contrib.auth.models import AnonymousUser
    return _caller() if __is_opaque__() else __labelled__(2, AnonymousUser())


def _caller():
    from django.contrib.auth.models import Caller
    if __is_watched__():
        model = get_user_model()
        if __kind_of__(model) == "class":
            return __event__("principal", __carrying__(130, model), gives=model)
    return __carrying__(130, Caller())


def get_user(request):
    __tried__("session")
    return _user_of(request)


async def aget_user(request):
    return get_user(request)


def get_user_model():
    from django.conf import settings
    from django.db.models import _model_named
    found = _model_named(settings.AUTH_USER_MODEL)
    return found if __kind_of__(found) == "class" else __unknown__("the model of users")


def authenticate(request=None, **credentials):
    return __labelled__(16, name="user")


async def aauthenticate(request=None, **credentials):
    return __labelled__(16, name="user")


def login(request, user, backend=None):
    request.user = user


async def alogin(request, user, backend=None):
    request.user = user


def logout(request): pass
async def alogout(request): pass
def update_session_auth_hash(request, user): pass
def get_backends(return_tuples=False): return __unknown__("what authenticates")
def load_backend(path): return __unknown__("what authenticates")
def get_permission_codename(action, opts): return f"{action}_{opts.model_name}"
def user_can_authenticate(user): return True
