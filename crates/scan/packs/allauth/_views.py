"""The pages of the library: forms, pages, redirects, for everybody or for who is signed in."""
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpResponse
from django.views.generic import FormView, RedirectView, View


class Form(FormView): pass
class OwnForm(LoginRequiredMixin, FormView): pass


class Page(View):
    def get(self, request, *args, **kwargs): return HttpResponse()


class OwnPage(LoginRequiredMixin, Page): pass


class Question(Page):
    def post(self, request, *args, **kwargs): return HttpResponse()


class OwnDelete(LoginRequiredMixin, Question):
    def delete(self, request, *args, **kwargs): return HttpResponse()


class Elsewhere(RedirectView): pass
def any_method(request, *args, **kwargs): return HttpResponse()
