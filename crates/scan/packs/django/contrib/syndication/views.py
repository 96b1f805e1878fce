from django.http import HttpResponse


class Feed:
    def __call__(self, request, *args, **kwargs): return HttpResponse()
