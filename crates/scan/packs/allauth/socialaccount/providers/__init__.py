"""The routes of the providers that the settings install: each sends who asks to log in elsewhere, and takes who comes back."""
from allauth._views import Question, any_method
from django.conf import settings
from django.urls import path, re_path

_PACKAGE = "allauth.socialaccount.providers."
_SLUGS = {"fivehundredpx": "500px", "twentythreeandme": "23andme"}
_MORE = {"apple": ["login/callback/finish/"], "google": ["login/token/"], "facebook": ["login/token/"]}
_OTHER = {
    "draugiem": ["login/", "callback/"], "dummy": ["login/", "authenticate/"], "openid": ["login/", "callback/"], "steam": ["login/", "callback/"],
    "telegram": ["login/", "login/callback/"],
}


def _urlpatterns():
    made, last = [], []
    for app in settings.INSTALLED_APPS:
        if not isinstance(app, str) or not app.startswith(_PACKAGE):
            continue
        name = app[len(_PACKAGE):].partition(".")[0]
        if name == "openid_connect":
            prefix = getattr(settings, "SOCIALACCOUNT_OPENID_CONNECT_URL_PREFIX", "oidc")
            start = "^" + (prefix + "/" if prefix else "") + "(?P<provider_id>[^/]+)/"
            last = [re_path(start + tail + "$", any_method) for tail in ("login/", "login/callback/")]
        elif name == "saml":
            start = "^saml/(?P<organization_slug>[^/]+)/"
            made += [re_path(start + tail + "$", any_method) for tail in ("acs/", "acs/finish/", "sls/", "metadata/", "login/")]
        else:
            tails = _OTHER.get(name) or ["login/", "login/callback/"]
            made += [path(_SLUGS.get(name, name) + "/" + tail, any_method) for tail in tails]
            made += [path(name + "/" + tail, Question.as_view() if tail == "login/token/" else any_method) for tail in _MORE.get(name, [])]
    return made + last
