class AppConfig:
    name = None
    label = None
    default_auto_field = None

    def __init__(self, app_name=None, app_module=None):
        pass

    def get_model(self, model_name, require_ready=True): return __unknown__("a model")
    def get_models(self, **options): return __unknown__("models")
    def ready(self): pass


class Apps:
    ready = True
    apps_ready = True
    models_ready = True

    def get_model(self, app_label, model_name=None, require_ready=True): return __unknown__("a model")
    def get_models(self, **options): return __unknown__("models")
    def get_app_config(self, app_label): return __unknown__("the configuration of an app")
    def get_app_configs(self): return __unknown__("the configurations of the apps")
    def is_installed(self, app_name):
        from django.conf import settings
        return app_name in settings.INSTALLED_APPS


apps = Apps()
