from django.conf import global_settings


class LazySettings:
    """The settings of the project: those of its module, else Django's own defaults. Any of them may be what an operator changes."""

    def __init__(self):
        self._named = []

    def __getattr__(self, name):
        # Imported when it is asked for: settings may import what asks.
        for named in self._named:
            module = __import_module__(named)
            if hasattr(module, name):
                return _setting(name, getattr(module, name))
        if hasattr(global_settings, name):
            return _setting(name, getattr(global_settings, name))
        return __unknown__("a setting that the project does not make")

    def __has__(self, name):
        return self.is_overridden(name) or hasattr(global_settings, name)

    def is_overridden(self, name):
        for named in self._named:
            if hasattr(__import_module__(named), name):
                return True
        return False

    @property
    def configured(self):
        return True

    def configure(self, default_settings=None, **options):
        pass


def _setting(name, value):
    if value is None or isinstance(value, (bool, int, str)):
        return __environment__(name, value)
    return value


settings = LazySettings()


def _use(named):
    """From now on the settings are those of this module."""
    settings._named = [named]
