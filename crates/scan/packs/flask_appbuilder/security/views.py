from flask_appbuilder.baseviews import BaseView, expose
from flask_appbuilder.charts.views import DirectByChartView
from flask_appbuilder.security.decorators import has_access
from flask_appbuilder.views import ModelView, PublicFormView, SimpleFormView


class PermissionModelView(ModelView):
    route_base = "/permissions"
    base_permissions = ["can_list"]


class ViewMenuModelView(ModelView):
    route_base = "/viewmenus"
    base_permissions = ["can_list"]


class PermissionViewModelView(ModelView):
    route_base = "/permissionviews"
    base_permissions = ["can_list"]


class ResetMyPasswordView(SimpleFormView):
    route_base = "/resetmypassword"


class ResetPasswordView(SimpleFormView):
    route_base = "/resetpassword"


class UserInfoEditView(SimpleFormView): pass


class UserModelView(ModelView):
    route_base = "/users"

    @expose("/userinfo/")
    @has_access
    def userinfo(self): return self.render_template("show.html")


class UserLDAPModelView(UserModelView): pass
class UserOAuthModelView(UserModelView): pass
class UserRemoteUserModelView(UserModelView): pass
class UserSAMLModelView(UserModelView): pass
class UserDBModelView(UserModelView): pass
class UserStatsChartView(DirectByChartView): pass


class RoleModelView(ModelView):
    route_base = "/roles"


class UserGroupModelView(ModelView):
    route_base = "/groups"


class RegisterUserModelView(ModelView):
    route_base = "/registeruser"
    base_permissions = ["can_list", "can_show", "can_delete"]


class AuthView(BaseView):
    route_base = ""

    @expose("/login/", methods=["GET", "POST"])
    def login(self): return self.render_template("login.html")

    @expose("/logout/")
    def logout(self): return __unknown__("what a logout answers")


class AuthDBView(AuthView): pass
class AuthLDAPView(AuthView): pass


class AuthOAuthView(AuthView):
    @expose("/login/")
    @expose("/login/<provider>")
    def login(self, provider=None): return self.render_template("login.html")

    @expose("/oauth-authorized/<provider>")
    def oauth_authorized(self, provider): return __unknown__("what a login answers")


class AuthRemoteUserView(AuthView):
    @expose("/login/")
    def login(self): return __unknown__("what a login answers")


class AuthSAMLView(AuthView):
    @expose("/login/")
    @expose("/login/<idp>")
    def login(self, idp=None): return __unknown__("what a login answers")

    @expose("/saml/acs/", methods=["POST"])
    def acs(self): return __unknown__("what a login answers")

    @expose("/saml/slo/", methods=["GET", "POST"])
    def slo(self): return __unknown__("what a logout answers")

    @expose("/saml/metadata/")
    @expose("/saml/metadata/<idp>")
    def metadata(self, idp=None): return __unknown__("a document")


class BaseRegisterUser(PublicFormView):
    route_base = "/register"

    @expose("/activation/<string:activation_hash>")
    def activation(self, activation_hash): return self.render_template("activation.html")


class RegisterUserDBView(BaseRegisterUser): pass
class RegisterUserOAuthView(BaseRegisterUser): pass
