class TransactionManagementError(Exception): pass


class Atomic:
    def __enter__(self): return self
    def __exit__(self, *error): pass
    def __call__(self, function): return function


def atomic(using=None, savepoint=True, durable=False):
    return using if callable(using) else Atomic()


def non_atomic_requests(using=None):
    return using if callable(using) else lambda function: function


def on_commit(func, using=None, robust=False): pass
def commit(using=None): pass
def rollback(using=None): pass
def savepoint(using=None): return __unknown__("a savepoint")
def set_autocommit(autocommit, using=None): pass
def get_connection(using=None): return __unknown__("a connection")
