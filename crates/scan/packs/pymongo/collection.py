"""Collections of MongoDB: documents picked by a filter, one of which stands for all."""

ASCENDING = 1
DESCENDING = -1


class ReturnDocument:
    BEFORE = False
    AFTER = True


class InsertOne: pass
class UpdateOne: pass
class DeleteOne: pass


class Result:
    inserted_id = upserted_id = __unknown__("the id of a new document")
    inserted_ids = __unknown__("the ids of new documents")
    modified_count = matched_count = deleted_count = __unknown__("a number of documents")
    acknowledged = True


class Cursor:
    def __init__(self, row):
        self._row = row

    def _many(self, *arguments, **options):
        return __open_list__(self._row)

    to_list = __iter__ = _many

    def _one(self, *arguments, **options):
        __noted__("one", self._row)
        return self._row

    next = __getitem__ = _one

    def _same(self, *arguments, **options):
        return self

    sort = limit = skip = batch_size = hint = collation = _same

    def count(self, *arguments, **options):
        return __unknown__("a number of documents")


class Collection:
    def __init__(self, name):
        self.name = name

    def __getattr__(self, name):
        return Collection(self.name + "." + name)

    def find_one(self, filter=None, *arguments, **options):
        row = __event__("store", "select", self.name, filter)
        __noted__("one", row)
        return row

    def find(self, filter=None, *arguments, **options):
        return Cursor(__event__("store", "select", self.name, filter))

    def aggregate(self, pipeline, *arguments, **options):
        first = pipeline[0] if pipeline else {}
        return Cursor(__event__("store", "select", self.name, first.get("$match")))

    def count_documents(self, filter=None, *arguments, **options):
        __event__("store", "select", self.name, filter)
        return __unknown__("a number of documents")

    estimated_document_count = count = count_documents

    def distinct(self, key, filter=None, *arguments, **options):
        return __open_list__(__event__("store", "select", self.name, filter))

    def insert_one(self, document, *arguments, **options):
        __event__("store", "insert", self.name, None, document)
        return Result()

    insert = save = insert_one

    def insert_many(self, documents, *arguments, **options):
        rows = list(documents)
        __event__("store", "insert", self.name, None, rows[0] if rows else documents)
        return Result()

    def update_one(self, filter, update, *arguments, **options):
        __event__("store", "update", self.name, filter, _set(update))
        return Result()

    update_many = update = update_one

    def replace_one(self, filter, replacement, *arguments, **options):
        __event__("store", "update", self.name, filter, replacement)
        return Result()

    def find_one_and_update(self, filter, update, *arguments, **options):
        return __event__("store", "update", self.name, filter, _set(update))

    def find_one_and_replace(self, filter, replacement, *arguments, **options):
        return __event__("store", "update", self.name, filter, replacement)

    def find_one_and_delete(self, filter, *arguments, **options):
        return __event__("store", "delete", self.name, filter)

    def delete_one(self, filter, *arguments, **options):
        __event__("store", "delete", self.name, filter)
        return Result()

    delete_many = remove = delete_one

    def drop(self, *arguments, **options):
        __noted__("schema-change", "pymongo.collection.Collection.drop")

    def _nothing(self, *arguments, **options):
        return __unknown__("what the server answers")

    create_index = create_indexes = drop_index = index_information = bulk_write = with_options = _nothing


def _set(update):
    """The columns that an update sets, whichever operator does."""
    if not isinstance(update, dict):
        return update
    found = {}
    for operator in ("$set", "$inc", "$push", "$pull", "$addToSet", "$unset", "$setOnInsert"):
        if operator in update:
            more = update[operator]
            found = {**found, **more}
    return found


class Database:
    def __init__(self, name):
        self.name = name

    def __getattr__(self, name):
        return Collection(name)

    def __getitem__(self, name):
        return Collection(name)

    def get_collection(self, name, *arguments, **options):
        return Collection(name)

    create_collection = get_collection

    def command(self, *arguments, **options):
        return __unknown__("what the server answers")

    def drop_collection(self, name, *arguments, **options):
        __noted__("schema-change", "pymongo.database.Database.drop_collection")


class MongoClient:
    def __init__(self, *arguments, **options):
        pass

    def __getattr__(self, name):
        return Database(name)

    def __getitem__(self, name):
        return Database(name)

    def get_database(self, *arguments, **options):
        return Database("")

    get_default_database = get_database

    def __enter__(self): return self
    def __aenter__(self): return self
    def close(self): pass

    def drop_database(self, name, *arguments, **options):
        __noted__("schema-change", "pymongo.MongoClient.drop_database")


AsyncMongoClient = MongoClient
