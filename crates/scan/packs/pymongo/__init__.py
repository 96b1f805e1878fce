from pymongo.collection import ASCENDING, DESCENDING, AsyncMongoClient, Collection, Database, DeleteOne, InsertOne, MongoClient, ReturnDocument, UpdateOne
