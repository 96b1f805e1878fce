class Config:
    def __init__(self, env_file=None, environ=None, env_prefix=""):
        self.env_prefix = env_prefix

    def __call__(self, key, cast=None, default=...):
        value = __environment__(self.env_prefix + key) if default is ... else __environment__(self.env_prefix + key, default)
        if cast is not None and callable(cast) and default is not None:
            return cast(value)
        return value

    def get(self, key, cast=None, default=...):
        return self(key, cast=cast, default=default)
