from flask_security.decorators import auth_required


def _open(**values):
    return __unknown__("what an address of Flask-Security answers")


@auth_required()
def _guarded(**values):
    return __unknown__("what an address of Flask-Security answers")


_BOTH, _POST, _GET = ["GET", "POST"], ["POST"], ["GET"]

# The setting that switches it on, that of its address, the address, whether a token follows, methods, endpoint, view.
_views = [
    (None, "LOGOUT_URL", "/logout", False, _POST, "logout", _open),
    (None, "LOGIN_URL", "/login", False, _BOTH, "login", _open),
    ("PASSWORDLESS", "LOGIN_URL", "/login", True, _GET, "token_login", _open),
    (None, "VERIFY_URL", "/verify", False, _BOTH, "verify", _guarded),
    ("UNIFIED_SIGNIN", "US_SIGNIN_URL", "/us-signin", False, _BOTH, "us_signin", _open),
    ("UNIFIED_SIGNIN", "US_SIGNIN_SEND_CODE_URL", "/us-signin/send-code", False, _POST, "us_signin_send_code", _open),
    ("UNIFIED_SIGNIN", "US_SETUP_URL", "/us-setup", False, _BOTH, "us_setup", _guarded),
    ("UNIFIED_SIGNIN", "US_SETUP_URL", "/us-setup", True, _POST, "us_setup_validate", _guarded),
    ("UNIFIED_SIGNIN", "US_VERIFY_URL", "/us-verify", False, _BOTH, "us_verify", _guarded),
    ("UNIFIED_SIGNIN", "US_VERIFY_SEND_CODE_URL", "/us-verify/send-code", False, _POST, "us_verify_send_code", _guarded),
    ("UNIFIED_SIGNIN", "US_VERIFY_LINK_URL", "/us-verify-link", False, _GET, "us_verify_link", _open),
    ("TWO_FACTOR", "TWO_FACTOR_SETUP_URL", "/tf-setup", False, _BOTH, "two_factor_setup", _open),
    ("TWO_FACTOR", "TWO_FACTOR_SETUP_URL", "/tf-setup", True, _POST, "two_factor_setup_validate", _open),
    ("TWO_FACTOR", "TWO_FACTOR_TOKEN_VALIDATION_URL", "/tf-validate", False, _BOTH, "two_factor_token_validation", _open),
    ("TWO_FACTOR", "TWO_FACTOR_RESCUE_URL", "/tf-rescue", False, _BOTH, "two_factor_rescue", _open),
    ("REGISTERABLE", "REGISTER_URL", "/register", False, _BOTH, "register", _open),
    ("RECOVERABLE", "RESET_URL", "/reset", False, _BOTH, "forgot_password", _open),
    ("RECOVERABLE", "RESET_URL", "/reset", True, _BOTH, "reset_password", _open),
    ("USERNAME_RECOVERY", "USERNAME_RECOVERY_URL", "/recover-username", False, _BOTH, "recover_username", _open),
    ("CHANGEABLE", "CHANGE_URL", "/change", False, _BOTH, "change_password", _guarded),
    ("CHANGE_EMAIL", "CHANGE_EMAIL_URL", "/change-email", False, _BOTH, "change_email", _guarded),
    ("CHANGE_EMAIL", "CHANGE_EMAIL_URL", "/change-email", True, _GET, "change_email_confirm", _open),
    ("CHANGE_USERNAME", "CHANGE_USERNAME_URL", "/change-username", False, _BOTH, "change_username", _guarded),
    ("CONFIRMABLE", "CONFIRM_URL", "/confirm", False, _BOTH, "send_confirmation", _open),
    ("CONFIRMABLE", "CONFIRM_URL", "/confirm", True, _BOTH, "confirm_email", _open),
    ("WEBAUTHN", "WAN_REGISTER_URL", "/wan-register", False, _BOTH, "wan_register", _guarded),
    ("WEBAUTHN", "WAN_REGISTER_URL", "/wan-register", True, _POST, "wan_register_response", _guarded),
    ("WEBAUTHN", "WAN_SIGNIN_URL", "/wan-signin", False, _BOTH, "wan_signin", _open),
    ("WEBAUTHN", "WAN_SIGNIN_URL", "/wan-signin", True, _POST, "wan_signin_response", _open),
    ("WEBAUTHN", "WAN_DELETE_URL", "/wan-delete", False, _BOTH, "wan_delete", _guarded),
    ("WEBAUTHN", "WAN_VERIFY_URL", "/wan-verify", False, _BOTH, "wan_verify", _guarded),
    ("WEBAUTHN", "WAN_VERIFY_URL", "/wan-verify", True, _POST, "wan_verify_response", _guarded),
]
