from flask_login import AnonymousUserMixin as _Anonymous, current_user, login_required, login_user, logout_user
from flask_principal import Permission, RoleNeed, UserNeed
from flask_security.core import RoleMixin, Security, UserMixin
from flask_security.decorators import (
    anonymous_user_required, auth_required, auth_token_required, http_auth_required, permissions_accepted, permissions_required, roles_accepted,
    roles_required, unauth_csrf,
)


class AnonymousUser(_Anonymous):
    roles = []

    def has_role(self, *args): return False
