from django.apps import AppConfig


class SimpleAdminConfig(AppConfig):
    name = "django.contrib.admin"
    default_site = None


class AdminConfig(SimpleAdminConfig): pass
