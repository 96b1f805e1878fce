from flask_appbuilder.api import ModelRestApi, expose
from flask_appbuilder.security.decorators import permission_name, protect


class GroupApi(ModelRestApi):
    resource_name = "security/groups"


class PermissionApi(ModelRestApi):
    resource_name = "security/permissions"
    include_route_methods = {"info", "get", "get_list"}


class PermissionViewMenuApi(ModelRestApi):
    resource_name = "security/permissions-resources"


class RoleApi(ModelRestApi):
    resource_name = "security/roles"

    @expose("/<int:role_id>/permissions/", methods=["GET"])
    @protect()
    @permission_name("list_role_permissions")
    def list_role_permissions(self, role_id): return self.response(200)

    @expose("/<int:role_id>/permissions", methods=["POST"])
    @protect()
    @permission_name("add_role_permissions")
    def add_role_permissions(self, role_id): return self.response(200)

    @expose("/<int:role_id>/users", methods=["PUT"])
    @protect()
    def update_role_users(self, role_id): return self.response(200)

    @expose("/<int:role_id>/groups", methods=["PUT"])
    @protect()
    def update_role_groups(self, role_id): return self.response(200)


class UserApi(ModelRestApi):
    resource_name = "security/users"


class ViewMenuApi(ModelRestApi):
    resource_name = "security/resources"
