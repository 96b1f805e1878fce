from django.http import Http404, HttpResponse
from django.urls import path

app_name = "djdt"


def _view(request):
    if not __unknown__("whether the toolbar is shown to this address"):
        raise Http404()
    return HttpResponse()


_NAMES = ["render_panel", "history_sidebar", "history_refresh", "sql_select", "sql_explain", "sql_profile", "template_source"]
urlpatterns = [path(name + "/", _view, name=name) for name in _NAMES]
