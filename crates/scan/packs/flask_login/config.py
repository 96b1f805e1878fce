EXEMPT_METHODS = {"OPTIONS"}
COOKIE_NAME = "remember_token"
