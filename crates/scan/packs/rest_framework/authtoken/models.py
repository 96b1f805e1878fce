from django.contrib.auth.models import User
from django.db import models


class Token(models.Model):
    key = models.CharField(max_length=40, primary_key=True)
    user = models.OneToOneField(User)
    created = models.DateTimeField()


class TokenProxy(Token): pass
