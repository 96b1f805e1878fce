from ninja.constants import NOT_SET
from ninja.main import NinjaAPI


class NinjaExtraAPI(NinjaAPI):
    def __init__(self, *, app_name="ninja", **options):
        super().__init__(**options)
        self.app_name = app_name
        self._registered = []

    def register_controllers(self, *controllers):
        for controller in controllers:
            if isinstance(controller, str):
                module, _, name = controller.rpartition(".")
                controller = getattr(__import_module__(module), name)
            if controller not in self._registered:
                self._registered.append(controller)
                self.add_router(controller._prefix, controller._router)

    def auto_discover_controllers(self):
        """What each installed app has in modules of these names registers itself."""
        from django.conf import settings
        from ninja_extra.controllers import _DISCOVERED
        for app in settings.INSTALLED_APPS:
            if not app.startswith("django."):
                # `shop.apps.ShopConfig`
                name = app.partition(".apps.")[0]
                held = [part for part, is_package in __modules_in__(getattr(__import_module__(name), "__path__", []))]
                for part in ("api", "controllers"):
                    if part in held:
                        __import_module__(name + "." + part)
        self.register_controllers(*_DISCOVERED)
