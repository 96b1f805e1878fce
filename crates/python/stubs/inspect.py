class _empty: pass


class Parameter:
    empty = _empty
    POSITIONAL_ONLY = 0
    POSITIONAL_OR_KEYWORD = 1
    VAR_POSITIONAL = 2
    KEYWORD_ONLY = 3
    VAR_KEYWORD = 4

    def __init__(self, name, kind=1, *, default=None, annotation=None):
        self.name = name
        self.kind = kind
        self.default = default
        self.annotation = annotation

    def replace(self, **changes):
        return Parameter(
            changes.get("name", self.name),
            changes.get("kind", self.kind),
            default=changes.get("default", self.default),
            annotation=changes.get("annotation", self.annotation),
        )


class Signature:
    empty = _empty

    def __init__(self, parameters=None, *, return_annotation=None):
        self.parameters = {parameter.name: parameter for parameter in parameters or []}
        self.return_annotation = return_annotation

    def replace(self, *, parameters=None, return_annotation=None):
        if parameters is None:
            parameters = list(self.parameters.values())
        return Signature(parameters, return_annotation=return_annotation or self.return_annotation)


def signature(function, **options):
    found = [Parameter(name, kind, default=default, annotation=annotation) for name, kind, default, annotation in __signature_of__(function)]
    return Signature(found)


def isclass(value):
    return isinstance(value, type)


def unwrap(function, stop=None):
    return getattr(function, "__wrapped__", function)


def getmembers(obj, predicate=None):
    found = [(name, getattr(obj, name)) for name in __names_of__(obj)]
    if predicate is None:
        return found
    return [(name, value) for name, value in found if predicate(value)]


def isfunction(value):
    return __is_function__(value)


def iscoroutinefunction(function):
    return __is_async__(function)


ismethod = isfunction
isroutine = isfunction
