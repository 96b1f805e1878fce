from rest_framework.permissions import SAFE_METHODS, IsAuthenticated


class CurrentUserOrAdmin(IsAuthenticated):
    def has_object_permission(self, request, view, obj):
        return _is_own_or_of_staff(request)


class CurrentUserOrAdminOrReadOnly(IsAuthenticated):
    def has_object_permission(self, request, view, obj):
        return request.method in SAFE_METHODS or _is_own_or_of_staff(request)


def _is_own_or_of_staff(request):
    """Either suffices: the record is the caller's own, or the caller is staff."""
    return __labelled__(130, name="own_record") if request.user.is_authenticated else __labelled__(2, False)
