from flask_login.config import EXEMPT_METHODS
from flask_login.login_manager import LoginManager
from flask_login.mixins import AnonymousUserMixin, UserMixin
from flask_login.utils import (
    confirm_login, current_user, decode_cookie, encode_cookie, fresh_login_required, login_fresh, login_required, login_remembered, login_url,
    login_user, logout_user, make_next_param, set_login_view,
)
