from django.http import HttpResponse


def ExportToDjangoView(request): return HttpResponse()
