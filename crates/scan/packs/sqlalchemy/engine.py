"""Engines and connections: statements and texts run on them as on a session."""

from sqlalchemy.orm.session import Result, Session

Row = RowMapping = CursorResult = Result


class Engine(Session):
    def connect(self, *arguments, **options):
        return self

    raw_connection = connect

    def cursor(self, *arguments, **options):
        return self

    def dispose(self, *arguments, **options):
        pass


Connection = Engine


def create_engine(*arguments, **options):
    return Engine()


create_mock_engine = engine_from_config = create_engine
