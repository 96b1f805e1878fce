from flask_jwt_extended.jwt_manager import JWTManager
from flask_jwt_extended.utils import (
    create_access_token, create_refresh_token, current_user, decode_token, get_csrf_token, get_current_user, get_jti, get_jwt, get_jwt_claims,
    get_jwt_header, get_jwt_identity, get_jwt_request_location, get_raw_jwt, get_unverified_jwt_headers, set_access_cookies, set_refresh_cookies,
    unset_access_cookies, unset_jwt_cookies, unset_refresh_cookies,
)
from flask_jwt_extended.view_decorators import (
    fresh_jwt_required, jwt_optional, jwt_refresh_token_required, jwt_required, verify_fresh_jwt_in_request, verify_jwt_in_request,
    verify_jwt_in_request_optional, verify_jwt_refresh_token_in_request,
)
