from flask import current_app
from flask_jwt_extended.exceptions import (
    CSRFError, FreshTokenRequired, InvalidHeaderError, InvalidQueryParamError, JWTDecodeError, NoAuthorizationError, RevokedTokenError,
    UserClaimsVerificationError, UserLookupError, WrongTokenError,
)
from jwt import ExpiredSignatureError, InvalidTokenError


class JWTManager:
    def __init__(self, app=None, add_context_processor=False):
        self._expired_token_callback = lambda header, data: ({}, 401)
        self._invalid_token_callback = lambda error: ({}, 422)
        self._needs_fresh_token_callback = lambda header, data: ({}, 401)
        self._revoked_token_callback = lambda header, data: ({}, 401)
        self._token_in_blocklist_callback = None
        self._token_verification_callback = None
        self._unauthorized_callback = lambda error: ({}, 401)
        self._user_lookup_callback = None
        self._user_lookup_error_callback = lambda header, data: ({}, 401)
        self._token_verification_failed_callback = lambda header, data: ({}, 400)
        if app is not None:
            self.init_app(app, add_context_processor)

    def init_app(self, app, add_context_processor=False):
        app.extensions["flask-jwt-extended"] = self
        for kind in (CSRFError, NoAuthorizationError):
            app.register_error_handler(kind, lambda e: self._refuse())
        for kind in (InvalidTokenError, InvalidHeaderError, JWTDecodeError, InvalidQueryParamError, WrongTokenError):
            app.register_error_handler(kind, lambda e: self._invalid_token_callback("invalid token"))
        app.register_error_handler(ExpiredSignatureError, lambda e: self._expired_token_callback({}, {}))
        app.register_error_handler(FreshTokenRequired, lambda e: self._needs_fresh_token_callback({}, {}))
        app.register_error_handler(RevokedTokenError, lambda e: self._revoked_token_callback({}, {}))
        app.register_error_handler(UserLookupError, lambda e: self._user_lookup_error_callback({}, {}))
        app.register_error_handler(UserClaimsVerificationError, lambda e: self._token_verification_failed_callback({}, {}))

    def _refuse(self):
        """What the program answers to who brings no token is a refusal, whatever its status."""
        self._unauthorized_callback("no token")
        return {}, 401

    def expired_token_loader(self, callback):
        self._expired_token_callback = callback
        return callback

    def invalid_token_loader(self, callback):
        self._invalid_token_callback = callback
        return callback

    def needs_fresh_token_loader(self, callback):
        self._needs_fresh_token_callback = callback
        return callback

    def revoked_token_loader(self, callback):
        self._revoked_token_callback = callback
        return callback

    def token_in_blocklist_loader(self, callback):
        self._token_in_blocklist_callback = callback
        return callback

    token_in_blacklist_loader = token_in_blocklist_loader

    def token_verification_failed_loader(self, callback):
        self._token_verification_failed_callback = callback
        return callback

    claims_verification_failed_loader = token_verification_failed_loader

    def token_verification_loader(self, callback):
        self._token_verification_callback = callback
        return callback

    claims_verification_loader = token_verification_loader

    def unauthorized_loader(self, callback):
        self._unauthorized_callback = callback
        return callback

    def user_lookup_loader(self, callback):
        self._user_lookup_callback = callback
        return callback

    def user_loader_callback_loader(self, callback):
        """Before version 4 it was given the identity alone."""
        self._user_lookup_callback = lambda header, claims: callback(claims.get(current_app.config.get("JWT_IDENTITY_CLAIM", "sub"), None))
        return callback

    def user_lookup_error_loader(self, callback):
        self._user_lookup_error_callback = callback
        return callback

    user_loader_error_loader = user_lookup_error_loader

    def additional_claims_loader(self, callback): return callback
    def additional_headers_loader(self, callback): return callback
    def user_claims_loader(self, callback): return callback
    def user_identity_loader(self, callback): return callback
    def decode_key_loader(self, callback): return callback
    def encode_key_loader(self, callback): return callback
