from django.http import HttpResponse
from django.shortcuts import render


class SimpleTemplateResponse(HttpResponse):
    def __init__(self, template, context=None, content_type=None, status=None, *args, **options):
        super().__init__(_page(template, context, content_type), status=status)
        self.template_name = template
        self.context_data = context


class TemplateResponse(SimpleTemplateResponse):
    def __init__(self, request, template, context=None, content_type=None, status=None, *args, **options):
        super().__init__(template, context, content_type, status)


def _page(template, context, content_type):
    return render(None, template, context, content_type).content
