class Undefined:
    """What stands for a default that was not given: the program does not start without the variable."""


def config(option, default=Undefined, cast=None, **options):
    if default is Undefined:
        return __environment__(option)
    return __environment__(option, default)


class Csv:
    def __init__(self, *args, **options): pass


class Choices(Csv): pass
class UndefinedValueError(Exception): pass
class RepositoryEnv:
    def __init__(self, *args, **options): pass


class RepositoryIni(RepositoryEnv): pass


class Config:
    def __init__(self, repository): pass
    def get(self, option, default=Undefined, cast=None, **options): return config(option, default)
    def __call__(self, option, default=Undefined, cast=None, **options): return config(option, default)


AutoConfig = Config
