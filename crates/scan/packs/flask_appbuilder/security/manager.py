from flask import g
from flask_appbuilder.const import AUTH_DB, AUTH_LDAP, AUTH_OAUTH, AUTH_OID, AUTH_REMOTE_USER, AUTH_SAML
from flask_appbuilder.security.api import SecurityApi
from flask_appbuilder.security.views import (
    AuthDBView, AuthLDAPView, AuthOAuthView, AuthRemoteUserView, AuthSAMLView, PermissionModelView, PermissionViewModelView, RegisterUserDBView,
    RegisterUserModelView, RegisterUserOAuthView, ResetMyPasswordView, ResetPasswordView, RoleModelView, UserDBModelView, UserGroupModelView,
    UserInfoEditView, UserLDAPModelView, UserOAuthModelView, UserRemoteUserModelView, UserSAMLModelView, UserStatsChartView, ViewMenuModelView,
)
from flask_jwt_extended import JWTManager
from flask_login import LoginManager, current_user


class AbstractSecurityManager:
    def __init__(self, appbuilder):
        self.appbuilder = appbuilder


class BaseSecurityManager(AbstractSecurityManager):
    auth_view = None
    user_view = None
    registeruser_view = None
    lm = None
    oauth = None
    userdbmodelview = UserDBModelView
    userldapmodelview = UserLDAPModelView
    useroauthmodelview = UserOAuthModelView
    userremoteusermodelview = UserRemoteUserModelView
    usersamlmodelview = UserSAMLModelView
    registerusermodelview = RegisterUserModelView
    authdbview = AuthDBView
    authldapview = AuthLDAPView
    authoauthview = AuthOAuthView
    authremoteuserview = AuthRemoteUserView
    authsamlview = AuthSAMLView
    registeruserdbview = RegisterUserDBView
    registeruseroauthview = RegisterUserOAuthView
    resetmypasswordview = ResetMyPasswordView
    resetpasswordview = ResetPasswordView
    userinfoeditview = UserInfoEditView
    security_api = SecurityApi
    rolemodelview = RoleModelView
    groupmodelview = UserGroupModelView
    permissionmodelview = PermissionModelView
    userstatschartview = UserStatsChartView
    viewmenumodelview = ViewMenuModelView
    permissionviewmodelview = PermissionViewModelView

    def __init__(self, appbuilder):
        super().__init__(appbuilder)
        app = appbuilder._app
        self.lm = self.create_login_manager(app)
        self.jwt_manager = self.create_jwt_manager(app)

    def create_login_manager(self, app):
        lm = LoginManager(app)
        lm.login_view = "login"
        lm.user_loader(self.load_user)
        return lm

    def create_jwt_manager(self, app):
        manager = JWTManager()
        manager.init_app(app)
        return manager

    def _setting(self, name, default=None):
        return self.appbuilder._app.config.get(name, default)

    @property
    def auth_type(self):
        return self._setting("AUTH_TYPE", AUTH_DB)

    @property
    def auth_user_registration(self):
        return self._setting("AUTH_USER_REGISTRATION", False)

    def register_views(self):
        if not self._setting("FAB_ADD_SECURITY_VIEWS", True):
            return
        builder = self.appbuilder
        builder.add_api(self.security_api)
        kind = self.auth_type
        if self.auth_user_registration:
            if kind == AUTH_DB:
                self.registeruser_view = self.registeruserdbview()
            elif kind == AUTH_OAUTH:
                self.registeruser_view = self.registeruseroauthview()
            if self.registeruser_view:
                builder.add_view_no_menu(self.registeruser_view)
        builder.add_view_no_menu(self.userinfoeditview())
        if kind == AUTH_LDAP:
            self.user_view, self.auth_view = self.userldapmodelview, self.authldapview()
        elif kind == AUTH_OAUTH:
            self.user_view, self.auth_view = self.useroauthmodelview, self.authoauthview()
        elif kind == AUTH_REMOTE_USER:
            self.user_view, self.auth_view = self.userremoteusermodelview, self.authremoteuserview()
        elif kind == AUTH_SAML:
            self.user_view, self.auth_view = self.usersamlmodelview, self.authsamlview()
        else:
            self.user_view, self.auth_view = self.userdbmodelview, self.authdbview()
            builder.add_view_no_menu(self.resetpasswordview())
            builder.add_view_no_menu(self.resetmypasswordview())
        builder.add_view_no_menu(self.auth_view)
        self.user_view = builder.add_view(self.user_view, "List Users")
        builder.add_view(self.rolemodelview, "List Roles")
        builder.add_view(self.groupmodelview, "List Groups")
        if self.userstatschartview:
            builder.add_view(self.userstatschartview, "User's Statistics")
        if self.auth_user_registration:
            builder.add_view(self.registerusermodelview, "User Registrations")
        if self._setting("FAB_ADD_SECURITY_PERMISSION_VIEW", True):
            builder.add_view(self.permissionmodelview, "Base Permissions")
        if self._setting("FAB_ADD_SECURITY_VIEW_MENU_VIEW", True):
            builder.add_view(self.viewmenumodelview, "Views/Menus")
        if self._setting("FAB_ADD_SECURITY_PERMISSION_VIEWS_VIEW", True):
            builder.add_view(self.permissionviewmodelview, "Permission on Views/Menus")

    @staticmethod
    def before_request():
        g.user = current_user

    def is_item_public(self, permission_name, view_name):
        """Whether the role of everybody has a permission: it has none until an administrator gives it one."""
        return False

    def has_access(self, permission_name, view_name):
        if current_user.is_authenticated:
            return self._has_view_access(current_user, permission_name, view_name)
        return self.is_item_public(permission_name, view_name)

    def _has_view_access(self, user, permission_name, view_name):
        return __labelled__(2, None, name="permission") == f"{permission_name} on {view_name}"

    def load_user(self, pk): return __unknown__("a user")
    def load_user_jwt(self, header, data): return __unknown__("a user")
    def add_permissions_view(self, base_permissions, view_menu): pass
    def add_limit_view(self, baseview): pass
    def is_auth_limited(self): return False
