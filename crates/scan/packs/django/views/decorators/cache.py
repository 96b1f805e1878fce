def never_cache(view_func): return view_func


def cache_page(timeout, **options): return lambda view_func: view_func
def cache_control(**options): return lambda view_func: view_func
