from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models


class PermissionManager(models.Manager): pass
class GroupManager(models.Manager): pass
class UserManager(BaseUserManager):
    def create_user(self, username=None, email=None, password=None, **extra_fields):
        return self.create(username=username, email=email, password=__part_of__(password), **extra_fields)

    def create_superuser(self, username=None, email=None, password=None, **extra_fields):
        return self.create(username=username, email=email, password=__part_of__(password), is_staff=True, is_superuser=True, **extra_fields)


class Permission(models.Model):
    name = models.CharField(max_length=255)
    content_type = models.IntegerField()
    codename = models.CharField(max_length=100)


class Group(models.Model):
    name = models.CharField(max_length=150, unique=True)


class PermissionsMixin(models.Model):
    is_superuser = models.BooleanField(default=False)
    groups = models.ManyToManyField(Group)
    user_permissions = models.ManyToManyField(Permission)

    class Meta:
        abstract = True

    def has_perm(self, perm, obj=None): return _permitted(perm)
    def has_perms(self, perm_list, obj=None): return _all_permitted(perm_list)
    def has_module_perms(self, app_label): return __labelled__(130, name="has_module_perms")
    def get_all_permissions(self, obj=None): return __labelled__(130, name="permissions")
    get_user_permissions = get_group_permissions = get_all_permissions


class AbstractUser(AbstractBaseUser, PermissionsMixin):
    username = models.CharField(max_length=150, unique=True)
    first_name = models.CharField(max_length=150, blank=True)
    last_name = models.CharField(max_length=150, blank=True)
    email = models.EmailField(blank=True)
    is_staff = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField()
    objects = UserManager()
    EMAIL_FIELD = "email"
    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ["email"]

    class Meta:
        abstract = True

    def get_full_name(self): return __unknown__("a name")
    def get_short_name(self): return __unknown__("a name")
    def email_user(self, *args, **options):
        if __is_watched__():
            __noted__("call", "django.core.mail.send_mail")


class User(AbstractUser): pass


def _permitted(perm):
    """Whether the caller has a permission: that of whoever brings no credential is none."""
    if isinstance(perm, str):
        return __labelled__(130, name="permission:" + perm)
    return __labelled__(130, name="has_perm")


def _all_permitted(permissions):
    allowed = True
    for permission in permissions:
        allowed = allowed and _permitted(permission)
    return allowed


class Caller:
    """Somebody with a credential of whom nothing is known."""

    is_anonymous = False

    @property
    def is_authenticated(self): return __labelled__(2, name="is_authenticated")
    def has_perm(self, perm, obj=None): return _permitted(perm)
    async def ahas_perm(self, perm, obj=None): return _permitted(perm)
    def has_perms(self, perm_list, obj=None): return _all_permitted(perm_list)
    def has_module_perms(self, app_label): return __labelled__(130, name="has_module_perms")

    def __getattr__(self, name):
        from django.contrib.auth import get_user_model
        found = getattr(get_user_model(), name, None)
        if __is_function__(found):
            return lambda *args, **kwargs: found(self, *args, **kwargs)
        if isinstance(found, property):
            return found.fget(self)
        if name == "groups" and not __is_watched__():
            return _Groups()
        return __labelled__(130, name=name)


class _Groups:
    """The groups of somebody of whom nothing is known: whether one of some name is among them is what is asked."""

    def __init__(self, name=None, names=None):
        self._name = name
        self._names = names

    def filter(self, *args, **kwargs):
        return _Groups(kwargs.get("name", self._name), kwargs.get("name__in", self._names))

    def _any(self, *args, **kwargs):
        groups = __labelled__(130, name="groups")
        if isinstance(self._name, str):
            return groups == self._name
        if self._names is not None:
            return groups in self._names
        return groups

    exists = aexists = count = acount = first = afirst = last = __bool__ = __len__ = _any

    def _all(self, *args, **kwargs): return self
    def get(self, *args, **kwargs): return self.filter(*args, **kwargs)._any()
    def values_list(self, *args, **kwargs): return __labelled__(130, name="groups")
    def __iter__(self): return __open_list__(__labelled__(130, name="groups"))
    def __contains__(self, item): return __labelled__(130, name="groups") == item
    def __getattr__(self, name): return __labelled__(130, name="groups")

    all = order_by = distinct = exclude = select_related = prefetch_related = only = _all


class AnonymousUser:
    id = None
    pk = None
    username = ""
    is_staff = False
    is_active = False
    is_superuser = False
    is_anonymous = True
    is_authenticated = False

    def has_perm(self, perm, obj=None): return __labelled__(2, False)
    async def ahas_perm(self, perm, obj=None): return __labelled__(2, False)
    def has_perms(self, perm_list, obj=None): return __labelled__(2, False)
    def has_module_perms(self, module): return __labelled__(2, False)
    def get_all_permissions(self, obj=None): return __labelled__(2, set())
    get_user_permissions = get_group_permissions = get_all_permissions
    def get_username(self): return ""
    def save(self): pass
    def delete(self): pass

    @property
    def groups(self):
        return _Nothing()

    user_permissions = groups

    def __getattr__(self, name):
        return __labelled__(2, None, name=name)


class _Nothing:
    """A set of records that has none."""

    def filter(self, *args, **kwargs): return self
    def exclude(self, *args, **kwargs): return self
    def all(self): return self
    def exists(self): return __labelled__(2, False)
    def count(self): return __labelled__(2, 0)
    def first(self): return __labelled__(2, None)
    def values_list(self, *args, **kwargs): return __labelled__(2, [])
    def __bool__(self): return __labelled__(2, False)
    def __iter__(self): return []
    def __contains__(self, item): return __labelled__(2, False)
