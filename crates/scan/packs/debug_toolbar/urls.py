from django.http import HttpResponse
from django.urls import path

app_name = "djdt"


def render_panel(request): return HttpResponse()


urlpatterns = [path("render_panel/", render_panel, name="render_panel")]
