from django.contrib.auth.decorators import user_passes_test


def staff_member_required(view_func=None, redirect_field_name="next", login_url="admin:login"):
    decorator = user_passes_test(lambda u: u.is_active and u.is_staff, login_url)
    if view_func:
        return decorator(view_func)
    return decorator
