from django.http import HttpResponse


def sitemap(request, sitemaps, section=None, **options): return HttpResponse()
def index(request, sitemaps, **options): return HttpResponse()
