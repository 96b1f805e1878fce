def config(option, default=None, cast=None, **options):
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
    def get(self, option, default=None, cast=None, **options): return __environment__(option, default)
    def __call__(self, option, default=None, cast=None, **options): return __environment__(option, default)


AutoConfig = Config
