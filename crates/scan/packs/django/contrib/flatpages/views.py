from django.http import HttpResponse


def flatpage(request, url): return HttpResponse()
