def decorate_view(*decorators):
    def outer(view_func):
        for decorator in reversed(decorators):
            view_func = __decorate__(decorator, view_func)
        return view_func
    return outer
