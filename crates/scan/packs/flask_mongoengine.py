import mongoengine


class MongoEngine:
    Document = mongoengine.Document
    DynamicDocument = mongoengine.DynamicDocument
    EmbeddedDocument = mongoengine.EmbeddedDocument

    def __init__(self, app=None, config=None):
        pass

    def init_app(self, app, config=None):
        pass

    def __getattr__(self, name):
        return getattr(mongoengine, name)
