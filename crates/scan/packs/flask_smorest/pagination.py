from flask_smorest.blueprint import PaginationParameters


class Page:
    def __init__(self, collection, page_params):
        self.collection = collection
        self.page_params = page_params
