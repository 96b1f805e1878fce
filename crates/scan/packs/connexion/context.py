from flask import request


class _Context(dict):
    def __getitem__(self, key):
        return __labelled__(2, None, name=key)

    def get(self, key, default=None):
        return __labelled__(2, default, name=key)


context = _Context()
operation = __unknown__("the operation of a request")
