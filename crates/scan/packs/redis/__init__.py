"""Redis: what is kept under a key. The model is called by what keys begin with."""


class Redis:
    def __init__(self, *arguments, **options):
        pass

    @classmethod
    def from_url(cls, *arguments, **options):
        return cls()

    def get(self, name, *arguments, **options):
        row = __event__("kept", "select", name)
        __noted__("one", row)
        return row

    hget = hgetall = getdel = lrange = smembers = zrange = mget = exists = json_get = get

    def set(self, name, value=None, *arguments, **options):
        __event__("kept", "insert", name, value)
        return True

    setex = psetex = hset = hmset = hincrby = incr = incrby = decr = lpush = rpush = sadd = zadd = expire = setnx = set

    def delete(self, name=None, *arguments, **options):
        __event__("kept", "delete", name)

    hdel = srem = lrem = unlink = delete

    def pipeline(self, *arguments, **options): return self
    def __enter__(self): return self
    def __aenter__(self): return self
    def execute(self, *arguments, **options): return []
    def ping(self): return True
    def close(self): pass
    def flushdb(self): __noted__("schema-change", "redis.Redis.flushdb")
    def flushall(self): __noted__("schema-change", "redis.Redis.flushall")


StrictRedis = Redis
from_url = Redis.from_url


class ConnectionPool:
    def __init__(self, *arguments, **options): pass

    @classmethod
    def from_url(cls, *arguments, **options):
        return cls()


class RedisError(Exception): pass
class ConnectionError(RedisError): pass
class TimeoutError(RedisError): pass
