from django.http import HttpResponseForbidden


def csrf_failure(request, reason="", template_name="403_csrf.html"): return HttpResponseForbidden()
