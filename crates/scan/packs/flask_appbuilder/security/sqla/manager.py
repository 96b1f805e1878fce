from flask_appbuilder.security.manager import BaseSecurityManager
from flask_appbuilder.security.sqla.apis import GroupApi, PermissionApi, PermissionViewMenuApi, RoleApi, UserApi, ViewMenuApi


class SecurityManager(BaseSecurityManager):
    permission_api = PermissionApi
    role_api = RoleApi
    user_api = UserApi
    view_menu_api = ViewMenuApi
    permission_view_menu_api = PermissionViewMenuApi
    group_api = GroupApi

    def register_views(self):
        super().register_views()
        if self._setting("FAB_ADD_SECURITY_API", False):
            for api in (self.permission_api, self.role_api, self.user_api, self.view_menu_api, self.permission_view_menu_api, self.group_api):
                self.appbuilder.add_api(api)
