from django.db import models


class BaseUserManager(models.Manager):
    def get_by_natural_key(self, username):
        return self.get(**{self.model.USERNAME_FIELD: username}) if __is_watched__() else __unknown__("a user")

    def make_random_password(self, *args, **options): return __unknown__("a password")

    @classmethod
    def normalize_email(cls, email): return email


class AbstractBaseUser(models.Model):
    password = models.CharField(max_length=128)
    last_login = models.DateTimeField(blank=True, null=True)
    is_active = True
    REQUIRED_FIELDS = []

    class Meta:
        abstract = True

    @property
    def is_anonymous(self): return __labelled__(2, name="is_anonymous") if __is_watched__() else False

    @property
    def is_authenticated(self): return __labelled__(2, name="is_authenticated") if __is_watched__() else True

    def get_username(self): return __unknown__("a name")
    def natural_key(self): return (self.get_username(),)
    def set_password(self, raw_password):
        self.password = __unknown__("a hash of a password")

    def check_password(self, raw_password): return __labelled__(16, name="check_password")
    def set_unusable_password(self): pass
    def has_usable_password(self): return __unknown__("whether there is a password")
    def get_session_auth_hash(self): return __unknown__("a hash")
