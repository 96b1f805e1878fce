class ProtectedError(Exception): pass
class RestrictedError(Exception): pass


def CASCADE(*args): pass
def PROTECT(*args): pass
def RESTRICT(*args): pass
def SET_NULL(*args): pass
def SET_DEFAULT(*args): pass
def DO_NOTHING(*args): pass
def SET(value): return DO_NOTHING
