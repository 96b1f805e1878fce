class BaseBackend:
    def authenticate(self, request, **kwargs): return None
    def get_user(self, user_id): return None
    def has_perm(self, user_obj, perm, obj=None): return __labelled__(130, name="has_perm")


class ModelBackend(BaseBackend): pass
class AllowAllUsersModelBackend(ModelBackend): pass
class RemoteUserBackend(ModelBackend): pass
