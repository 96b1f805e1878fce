from databases.core import Database


class DatabaseURL:
    def __init__(self, url):
        self.url = url
