"""The functions behind the methods of `FastAPIUsers`, for who calls them directly."""
from fastapi_users import FastAPIUsers


def _users(authenticator):
    users = FastAPIUsers(None, [])
    users.authenticator = authenticator
    return users


def get_register_router(get_user_manager, *schemas):
    return _users(None).get_register_router()


def get_verify_router(get_user_manager, *schemas):
    return _users(None).get_verify_router()


def get_reset_password_router(get_user_manager):
    return _users(None).get_reset_password_router()


def get_auth_router(backend, get_user_manager, authenticator, requires_verification=False):
    return _users(authenticator).get_auth_router(backend, requires_verification)


def get_users_router(get_user_manager, user_schema, user_update_schema, authenticator, requires_verification=False):
    return _users(authenticator).get_users_router(user_schema, user_update_schema, requires_verification)


def get_oauth_router(oauth_client, backend, get_user_manager, state_secret, *args, **options):
    return _users(None).get_oauth_router(oauth_client, backend, state_secret)


def get_oauth_associate_router(oauth_client, authenticator, get_user_manager, user_schema, state_secret, redirect_url=None,
                               requires_verification=False, **options):
    return _users(authenticator).get_oauth_associate_router(oauth_client, user_schema, state_secret, requires_verification)
