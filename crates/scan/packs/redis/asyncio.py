from redis import ConnectionPool, Redis, StrictRedis, from_url
