from django.http import HttpResponse


class Status(HttpResponse):
    def __init__(self, code, value=None):
        super().__init__(value, status=code)
