from django.conf import settings


def _is_installed(app):
    """Whether an app is, by its name or by that of its configuration."""
    return any(isinstance(name, str) and (name == app or name.startswith(app + ".apps.")) for name in settings.INSTALLED_APPS)


HEADLESS_ONLY = getattr(settings, "HEADLESS_ONLY", False)
SOCIALACCOUNT_ENABLED = _is_installed("allauth.socialaccount")
SOCIALACCOUNT_ONLY = getattr(settings, "SOCIALACCOUNT_ONLY", False)
MFA_ENABLED = _is_installed("allauth.mfa")
USERSESSIONS_ENABLED = _is_installed("allauth.usersessions")
