from rest_framework.permissions import SAFE_METHODS, AND, NOT, OR, AllowAny, BasePermission, IsAdminUser, IsAuthenticated
from rest_framework.permissions import IsAuthenticatedOrReadOnly
