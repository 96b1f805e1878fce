async def run_in_threadpool(function, *args, **kwargs):
    return function(*args, **kwargs)
