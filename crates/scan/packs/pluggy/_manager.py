from pluggy import PluginManager, PluginValidationError


class DistFacade:
    def __init__(self, dist):
        self._dist = dist
        self.project_name = __unknown__("the name of a distribution")

    def __getattr__(self, name):
        return getattr(self._dist, name)
