from django.contrib import admin
from rest_framework.authtoken.models import TokenProxy


class TokenAdmin(admin.ModelAdmin): pass


admin.site.register(TokenProxy, TokenAdmin)
