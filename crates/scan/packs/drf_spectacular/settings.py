from django.conf import settings
from rest_framework.settings import APISettings

spectacular_settings = APISettings(
    getattr(settings, "SPECTACULAR_SETTINGS", {}),
    {"SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"], "SERVE_AUTHENTICATION": None},
    ("SERVE_PERMISSIONS", "SERVE_AUTHENTICATION"),
)
