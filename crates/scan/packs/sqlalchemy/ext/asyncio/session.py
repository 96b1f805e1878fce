from sqlalchemy.orm.session import Session, sessionmaker


class AsyncSession(Session):
    def __aenter__(self):
        return self


class async_sessionmaker(sessionmaker):
    def __init__(self, *arguments, **options):
        self._class = options.get("class_") or AsyncSession


class async_scoped_session(AsyncSession):
    def __init__(self, session_factory=None, scopefunc=None):
        pass

    def __call__(self, **options):
        return self

    def remove(self):
        pass


class AsyncAttrs: pass
