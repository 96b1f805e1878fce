from pymongo.collection import Database
