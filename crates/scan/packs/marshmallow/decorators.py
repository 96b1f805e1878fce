def _hook(function=None, *args, **options):
    if function is None or isinstance(function, str):
        return lambda f: f
    return function


pre_load = post_load = pre_dump = post_dump = validates_schema = _hook


def validates(*names): return lambda f: f
