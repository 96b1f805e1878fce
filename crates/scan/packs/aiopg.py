from aiomysql import connect, create_pool
