def get_function_from_name(name):
    """What a dotted name leads to: something in a module, or in a class of one."""
    module, _, attribute = name.rpartition(".")
    owner = __import_module__(module)
    if __is_function__(owner, True) and "." in module:
        # No module that is seen.
        owner = get_function_from_name(module)
    return getattr(owner, attribute)


class Resolution:
    def __init__(self, function, operation_id):
        self.function = function
        self.operation_id = operation_id


class Resolver:
    def __init__(self, function_resolver=get_function_from_name):
        self.function_resolver = function_resolver

    def resolve(self, operation):
        operation_id = self.resolve_operation_id(operation)
        return Resolution(self.resolve_function_from_operation_id(operation_id), operation_id)

    def resolve_operation_id(self, operation):
        if operation.router_controller is None:
            return operation.operation_id
        return f"{operation.router_controller}.{operation.operation_id}"

    def resolve_function_from_operation_id(self, operation_id):
        return self.function_resolver(operation_id)


class RelativeResolver(Resolver):
    def __init__(self, root_path, function_resolver=get_function_from_name):
        super().__init__(function_resolver=function_resolver)
        self.root_path = root_path if isinstance(root_path, str) else root_path.__name__

    def resolve_operation_id(self, operation):
        return f"{operation.router_controller or self.root_path}.{operation.operation_id}"


class RestyResolver(Resolver):
    def __init__(self, default_module_name, *, collection_endpoint_name="search"):
        super().__init__()
        self.default_module_name = default_module_name
        self.collection_endpoint_name = collection_endpoint_name

    def resolve_operation_id(self, operation):
        if operation.operation_id:
            return super().resolve_operation_id(operation)
        return self.resolve_operation_id_using_rest_semantics(operation)

    def resolve_operation_id_using_rest_semantics(self, operation):
        parts = [part for part in operation.path.split("/") if part]
        resource = ".".join(part for part in parts if not part.startswith("{")).replace("-", "_")
        name = self.default_module_name
        if operation.router_controller:
            name = operation.router_controller
        elif resource:
            name = name + "." + resource
        method = operation.method.lower()
        if method == "get" and resource and not parts[-1].startswith("{"):
            method = self.collection_endpoint_name
        return f"{name}.{method}"


class MethodResolverBase(RestyResolver):
    def __init__(self, *args, class_arguments=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.class_arguments = class_arguments or {}

    def resolve_operation_id(self, operation):
        if operation.operation_id:
            return RestyResolver.resolve_operation_id(self, operation)
        module, view, method = self.resolve_operation_id_using_rest_semantics(operation).rsplit(".", 2)
        return f"{module}.{_camelized(view)}View.{method}"

    def resolve_function_from_operation_id(self, operation_id):
        module, view, method = operation_id.rsplit(".", 2)
        cls = getattr(__import_module__(module), view)
        given = self.class_arguments.get(view, {})
        return self.resolve_method_from_class(view, method, cls(*given.get("args", ()), **given.get("kwargs", {})))

    def resolve_method_from_class(self, view_name, meth_name, view):
        if hasattr(view, meth_name):
            return getattr(view, meth_name)
        if meth_name == self.collection_endpoint_name:
            return view.get
        return __unknown__("a method that a class of views does not have")


class MethodResolver(MethodResolverBase): pass
class MethodViewResolver(MethodResolverBase): pass


def _camelized(name):
    return "".join(word[:1].upper() + word[1:] for word in name.split("_"))
