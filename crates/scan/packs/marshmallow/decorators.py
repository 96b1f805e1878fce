def _hook(function=None, *args, **options):
    if function is None or isinstance(function, str):
        return lambda f: f
    return function


pre_load = pre_dump = post_dump = validates_schema = _hook


def post_load(function=None, *args, **options):
    if function is None or isinstance(function, str):
        return post_load
    function._loads = True
    return function


def validates(*names): return lambda f: f
