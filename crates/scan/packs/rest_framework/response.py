from django.http import HttpResponse


class Response(HttpResponse):
    def __init__(self, data=None, status=None, template_name=None, headers=None, exception=False, content_type=None):
        super().__init__(data, status=status)
        self.data = data
