from django.contrib import admin


class UserAdmin(admin.ModelAdmin):
    def get_urls(self):
        from django.urls import path
        return [path("<id>/password/", self.admin_site.admin_view(self.user_change_password), name="auth_user_password_change")] + super().get_urls()

    def user_change_password(self, request, id, form_url=""): pass


class GroupAdmin(admin.ModelAdmin): pass


from django.contrib.auth.models import Group, User

admin.site.register(Group, GroupAdmin)
admin.site._register_user(User, UserAdmin)
