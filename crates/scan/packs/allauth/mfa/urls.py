from allauth._views import Form, OwnDelete, OwnForm, OwnPage, Question
from django.conf import settings
from django.urls import path

_KINDS = getattr(settings, "MFA_SUPPORTED_TYPES", ["recovery_codes", "totp"])
urlpatterns = [
    path("", OwnPage.as_view(), name="mfa_index"),
    path("authenticate/", Question.as_view(), name="mfa_authenticate"),
    path("reauthenticate/", OwnForm.as_view(), name="mfa_reauthenticate"),
]
if getattr(settings, "MFA_TRUST_ENABLED", False):
    urlpatterns += [path("trust/", Form.as_view(), name="mfa_trust")]
if "totp" in _KINDS:
    urlpatterns += [
        path("totp/activate/", OwnForm.as_view(), name="mfa_activate_totp"),
        path("totp/deactivate/", OwnForm.as_view(), name="mfa_deactivate_totp"),
    ]
if "recovery_codes" in _KINDS:
    urlpatterns += [
        path("recovery-codes/", OwnPage.as_view(), name="mfa_view_recovery_codes"),
        path("recovery-codes/generate/", OwnForm.as_view(), name="mfa_generate_recovery_codes"),
        path("recovery-codes/download/", OwnPage.as_view(), name="mfa_download_recovery_codes"),
    ]
if "webauthn" in _KINDS:
    urlpatterns += [
        path("webauthn/", OwnPage.as_view(), name="mfa_list_webauthn"),
        path("webauthn/add/", OwnForm.as_view(), name="mfa_add_webauthn"),
        path("webauthn/reauthenticate/", OwnForm.as_view(), name="mfa_reauthenticate_webauthn"),
        path("webauthn/keys/<int:pk>/remove/", OwnDelete.as_view(), name="mfa_remove_webauthn"),
        path("webauthn/keys/<int:pk>/edit/", OwnForm.as_view(), name="mfa_edit_webauthn"),
    ]
    if getattr(settings, "MFA_PASSKEY_LOGIN_ENABLED", False):
        urlpatterns += [path("webauthn/login/", Form.as_view(), name="mfa_login_webauthn")]
    if getattr(settings, "MFA_PASSKEY_SIGNUP_ENABLED", False):
        urlpatterns += [path("webauthn/signup/", Form.as_view(), name="mfa_signup_webauthn")]
