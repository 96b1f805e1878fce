from fastapi import APIRouter, Depends, HTTPException, Request


class FastAPIUsers:
    def __class_getitem__(cls, key):
        return cls

    def __init__(self, get_user_manager, auth_backends):
        self.get_user_manager = get_user_manager
        self.auth_backends = auth_backends
        self.authenticator = Authenticator(auth_backends)

    def current_user(self, optional=False, active=False, verified=False, superuser=False, **options):
        return self.authenticator.current_user(optional, active, verified, superuser)

    def get_register_router(self, *schemas, **options):
        router = APIRouter()

        @router.post("/register", name="register:register")
        async def register(request: Request):
            pass
        return router

    def get_verify_router(self, *schemas, **options):
        router = APIRouter()

        @router.post("/request-verify-token", name="verify:request-token")
        async def request_verify_token(request: Request):
            pass

        @router.post("/verify", name="verify:verify")
        async def verify(request: Request):
            pass
        return router

    def get_reset_password_router(self):
        router = APIRouter()

        @router.post("/forgot-password", name="reset:forgot_password")
        async def forgot_password(request: Request):
            pass

        @router.post("/reset-password", name="reset:reset_password")
        async def reset_password(request: Request):
            pass
        return router

    def get_auth_router(self, backend, requires_verification=False):
        router = APIRouter()

        @router.post("/login", name="auth:login")
        async def login(request: Request):
            pass

        @router.post("/logout", name="auth:logout")
        async def logout(request: Request, user=Depends(self.current_user(active=True, verified=requires_verification))):
            pass
        return router

    def get_oauth_router(self, oauth_client, backend, state_secret, **options):
        router = APIRouter()

        @router.get("/authorize", name="oauth:authorize")
        async def authorize(request: Request):
            pass

        @router.get("/callback", name="oauth:callback")
        async def callback(request: Request):
            pass
        return router

    def get_oauth_associate_router(self, oauth_client, user_schema, state_secret, requires_verification=False, **options):
        router = APIRouter()

        @router.get("/authorize", name="oauth-associate:authorize")
        async def authorize(request: Request, user=Depends(self.current_user(active=True, verified=requires_verification))):
            pass

        @router.get("/callback", name="oauth-associate:callback")
        async def callback(request: Request, user=Depends(self.current_user(active=True, verified=requires_verification))):
            pass
        return router

    def get_users_router(self, user_schema, user_update_schema, requires_verification=False):
        router = APIRouter()
        current = self.current_user(active=True, verified=requires_verification)
        superuser = self.current_user(active=True, verified=requires_verification, superuser=True)

        @router.get("/me", name="users:current_user")
        async def me(user=Depends(current)):
            pass

        @router.patch("/me", name="users:patch_current_user")
        async def update_me(request: Request, user=Depends(current)):
            pass

        @router.get("/{id}", name="users:user", dependencies=[Depends(superuser)])
        async def get_user(id: str):
            pass

        @router.patch("/{id}", name="users:patch_user", dependencies=[Depends(superuser)])
        async def update_user(request: Request, id: str):
            pass

        @router.delete("/{id}", name="users:delete_user", dependencies=[Depends(superuser)])
        async def delete_user(id: str):
            pass
        return router


class Authenticator:
    def __init__(self, backends, get_user_manager=None):
        self.backends = backends

    def current_user(self, optional=False, active=False, verified=False, superuser=False, **options):
        async def current_user_dependency(request: Request):
            user = __labelled__(2, None)
            if not user:
                if not optional:
                    raise HTTPException(status_code=401)
                return user
            if superuser and not user.is_superuser:
                raise HTTPException(status_code=403)
            return user
        return current_user_dependency

    def current_user_token(self, optional=False, active=False, verified=False, superuser=False, **options):
        current = self.current_user(optional, active, verified, superuser)

        async def current_user_token_dependency(user=Depends(current)):
            return user, __labelled__(2, name="token")
        return current_user_token_dependency


class BaseUserManager:
    def __class_getitem__(cls, key):
        return cls


class IntegerIDMixin: pass
class UUIDIDMixin: pass


class schemas:
    pass
