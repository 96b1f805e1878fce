def vary_on_headers(*headers): return lambda view_func: view_func
def vary_on_cookie(view_func): return view_func
