from rest_framework.permissions import SAFE_METHODS, AND, NOT, OR, AllowAny, BasePermission, IsAdminUser, IsAuthenticated
from rest_framework.permissions import IsAuthenticatedOrReadOnly


class AsyncBasePermission(BasePermission):
    """A permission whose asynchronous questions are those that are asked."""

    async def has_permission_async(self, request, controller): return self.has_permission(request, controller)
    async def has_object_permission_async(self, request, controller, obj): return self.has_object_permission(request, controller, obj)


BasePermissionType = BasePermission
