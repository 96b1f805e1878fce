def sensitive_variables(*variables): return lambda view_func: view_func
def sensitive_post_parameters(*parameters): return lambda view_func: view_func
