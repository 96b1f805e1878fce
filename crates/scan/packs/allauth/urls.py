from allauth import app_settings
from allauth._views import Elsewhere
from allauth.socialaccount.providers import _urlpatterns
from django.urls import include, path

urlpatterns = []
if not app_settings.HEADLESS_ONLY:
    urlpatterns += [path("", include("allauth.account.urls"))]
    if app_settings.MFA_ENABLED:
        urlpatterns += [path("2fa/", include("allauth.mfa.urls"))]
if app_settings.SOCIALACCOUNT_ENABLED and not app_settings.HEADLESS_ONLY:
    urlpatterns += [path("3rdparty/", include("allauth.socialaccount.urls"))]
    urlpatterns += [path("social/" + old, Elsewhere.as_view(permanent=True)) for old in ("login/cancelled/", "login/error/", "signup/", "connections/")]
if app_settings.SOCIALACCOUNT_ENABLED:
    urlpatterns += _urlpatterns()
if app_settings.USERSESSIONS_ENABLED and not app_settings.HEADLESS_ONLY:
    urlpatterns += [path("sessions/", include("allauth.usersessions.urls"))]
