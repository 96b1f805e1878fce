from django.http import Http404

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")


class OperandHolder:
    def __init__(self, operator_class, op1_class, op2_class=None):
        self.operator_class = operator_class
        self.op1_class = op1_class
        self.op2_class = op2_class

    def __call__(self, *args, **kwargs):
        op1 = self.op1_class()
        if self.op2_class is None:
            return self.operator_class(op1)
        return self.operator_class(op1, self.op2_class())

    def __and__(self, other): return OperandHolder(AND, self, other)
    def __or__(self, other): return OperandHolder(OR, self, other)
    def __invert__(self): return OperandHolder(NOT, self)


SingleOperandHolder = OperandHolder


def _called(permission):
    return getattr(permission, "__name__", None) or type(permission).__name__


class AND:
    def __init__(self, op1, op2):
        self.op1 = op1
        self.op2 = op2
        self.__name__ = f"{_called(op1)} and {_called(op2)}"

    def has_permission(self, request, view):
        return self.op1.has_permission(request, view) and self.op2.has_permission(request, view)

    def has_object_permission(self, request, view, obj):
        return self.op1.has_object_permission(request, view, obj) and self.op2.has_object_permission(request, view, obj)


class OR:
    def __init__(self, op1, op2):
        self.op1 = op1
        self.op2 = op2
        self.__name__ = f"{_called(op1)} or {_called(op2)}"

    def has_permission(self, request, view):
        return self.op1.has_permission(request, view) or self.op2.has_permission(request, view)

    def has_object_permission(self, request, view, obj):
        return (self.op1.has_permission(request, view) and self.op1.has_object_permission(request, view, obj)) or (
            self.op2.has_permission(request, view) and self.op2.has_object_permission(request, view, obj))


class NOT:
    def __init__(self, op1):
        self.op1 = op1
        self.__name__ = f"not {_called(op1)}"

    def has_permission(self, request, view): return not self.op1.has_permission(request, view)
    def has_object_permission(self, request, view, obj): return not self.op1.has_object_permission(request, view, obj)


class BasePermissionMetaclass(type): pass


class BasePermission:
    def __class_and__(cls, other): return OperandHolder(AND, cls, other)
    def __class_or__(cls, other): return OperandHolder(OR, cls, other)
    def __class_invert__(cls): return OperandHolder(NOT, cls)
    def has_permission(self, request, view): return True
    def has_object_permission(self, request, view, obj): return True


class AllowAny(BasePermission): pass


class IsAuthenticated(BasePermission):
    def has_permission(self, request, view):
        return bool(request.user and request.user.is_authenticated)


class IsAdminUser(BasePermission):
    def has_permission(self, request, view):
        return bool(request.user and request.user.is_staff)


class IsAuthenticatedOrReadOnly(BasePermission):
    def has_permission(self, request, view):
        return bool(request.method in SAFE_METHODS or request.user and request.user.is_authenticated)


class DjangoModelPermissions(BasePermission):
    perms_map = {
        "GET": [],
        "OPTIONS": [],
        "HEAD": [],
        "POST": ["%(app_label)s.add_%(model_name)s"],
        "PUT": ["%(app_label)s.change_%(model_name)s"],
        "PATCH": ["%(app_label)s.change_%(model_name)s"],
        "DELETE": ["%(app_label)s.delete_%(model_name)s"],
    }
    authenticated_users_only = True

    def get_required_permissions(self, method, model_cls):
        kwargs = {"app_label": model_cls._meta.app_label, "model_name": model_cls._meta.model_name}
        return [perm % kwargs for perm in self.perms_map[method]]

    def _queryset(self, view):
        if hasattr(view, "get_queryset"):
            return view.get_queryset()
        return view.queryset

    def has_permission(self, request, view):
        if not request.user or (not request.user.is_authenticated and self.authenticated_users_only):
            return False
        if getattr(view, "_ignore_model_permissions", False):
            return True
        model = getattr(self._queryset(view), "model", None)
        if model is None:
            return request.user.has_perms([])
        return request.user.has_perms(self.get_required_permissions(request.method, model))


class DjangoModelPermissionsOrAnonReadOnly(DjangoModelPermissions):
    authenticated_users_only = False


class DjangoObjectPermissions(DjangoModelPermissions):
    def get_required_object_permissions(self, method, model_cls):
        return self.get_required_permissions(method, model_cls)

    def has_object_permission(self, request, view, obj):
        if not request.user.has_perms([], obj):
            raise Http404
        return True
