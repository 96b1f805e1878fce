from flask.globals import request

http_method_funcs = ("get", "post", "head", "options", "delete", "put", "trace", "patch")


class View:
    methods = None
    provide_automatic_options = None
    decorators = []
    init_every_request = True

    def dispatch_request(self, **kwargs):
        pass

    @classmethod
    def as_view(cls, name, *class_args, **class_kwargs):
        def view(**kwargs):
            return view.view_class(*class_args, **class_kwargs).dispatch_request(**kwargs)

        view.__name__ = name
        made = view
        for decorator in cls.decorators or []:
            made = __decorate__(decorator, made)
        made.view_class = cls
        view.view_class = cls
        made.__name__ = name
        made.methods = _methods_of(cls)
        view.methods = made.methods
        return made


def _methods_of(cls):
    if cls.methods is not None or not issubclass(cls, MethodView):
        return cls.methods
    return [name.upper() for name in http_method_funcs if hasattr(cls, name)]


class MethodView(View):
    def __init_subclass__(cls, **options):
        super().__init_subclass__(**options)
        if "methods" not in cls.__dict__:
            methods = [name.upper() for name in http_method_funcs if hasattr(cls, name)]
            if methods:
                cls.methods = methods

    def dispatch_request(self, **kwargs):
        return getattr(self, request.method.lower())(**kwargs)
