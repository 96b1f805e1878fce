from pymongo.collection import Collection, Cursor, Database, MongoClient

AsyncIOMotorClient = MongoClient
AsyncIOMotorDatabase = Database
AsyncIOMotorCollection = Collection
AsyncIOMotorCursor = Cursor
