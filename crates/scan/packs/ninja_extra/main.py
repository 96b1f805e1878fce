from ninja.constants import NOT_SET
from ninja.main import NinjaAPI


class NinjaExtraAPI(NinjaAPI):
    def register_controllers(self, *controllers):
        for controller in controllers:
            self.add_router(controller._prefix, controller._router)

    def auto_discover_controllers(self): pass
