from _dbapi import Connection


class MySQL:
    def __init__(self, app=None):
        self.connection = Connection()

    def init_app(self, app):
        pass

    def get_db(self): return self.connection
    connect = get_db
