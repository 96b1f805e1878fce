import inspect

from fastapi.params import Depends


def cbv(router, *instance_urls):
    """Methods that carry routes are routes whose `self` is made by injecting the class."""
    def decorator(cls):
        for url in instance_urls:
            for name, function in inspect.getmembers(cls):
                if name in ("get", "put", "post", "delete", "options", "head", "patch", "trace"):
                    router.add_api_route(url, function, methods=[name])
        for name, function in inspect.getmembers(cls):
            for route in router.routes:
                if getattr(route, "endpoint", None) is function:
                    _bind(cls, function)
        return cls
    return decorator


def _bind(cls, function):
    parameters = list(inspect.signature(function).parameters.values())
    if not parameters:
        return
    first = parameters[0].replace(default=Depends(cls))
    hints = []
    for name, hint in __type_hints__(cls).items():
        default = getattr(cls, name, None)
        hints.append(inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=hint))
    function.__signature__ = inspect.Signature([first, *parameters[1:], *hints])
