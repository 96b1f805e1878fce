def before_request(hook=None, only=None):
    def wrap(hook):
        hook._before_request_hook = True
        hook._before_request_only = only
        return hook
    return wrap if hook is None else wrap(hook)


def wrap_route_handler_with_hooks(handler_name, handler, before_request_hooks):
    hooks = [hook for hook in before_request_hooks if hook._before_request_only is None or handler_name in hook._before_request_only]
    if not hooks:
        return handler

    def wrapped_handler(*args, **kwargs):
        for hook in hooks:
            result = hook()
            if result is not None:
                return result
        return handler(*args, **kwargs)
    wrapped_handler.__wrapped__ = handler
    return wrapped_handler
