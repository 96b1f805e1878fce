def add_message(*args, **options): pass
def get_messages(request): return []
debug = info = success = warning = error = add_message
DEBUG, INFO, SUCCESS, WARNING, ERROR = 10, 20, 25, 30, 40
