from pymongo.collection import Database, MongoClient


class PyMongo:
    def __init__(self, app=None, uri=None, *arguments, **options):
        self.db = Database("")
        self.cx = MongoClient()

    def init_app(self, app, *arguments, **options):
        pass
