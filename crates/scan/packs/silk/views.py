from django.http import HttpResponse
from django.utils.decorators import method_decorator
from django.views.generic import View
from silk.auth import _guarded


@method_decorator(_guarded, name="dispatch")
class _Page(View):
    def get(self, request, *args, **kwargs): return HttpResponse()


class _Form(_Page):
    def post(self, request, *args, **kwargs): return HttpResponse()


class SummaryView(_Form): pass
class RequestsView(_Form): pass
class RequestView(_Page): pass
class SQLView(_Page): pass
class SQLDetailView(_Page): pass
class Raw(_Page): pass
class ProfileDownloadView(_Page): pass
class ProfileDotView(_Page): pass
class ProfilingView(_Form): pass
class ProfilingDetailView(_Page): pass
class ClearDBView(_Form): pass
class CProfileView(_Page): pass
