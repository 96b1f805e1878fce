from django.http import Http404, HttpResponse, HttpResponsePermanentRedirect, HttpResponseRedirect
from django.urls import reverse


def render(request, template_name, context=None, content_type=None, status=None, using=None):
    if not __is_watched__():
        return HttpResponse("", status=status)
    if content_type is None or "html" in content_type:
        __noted__("render", "django", True, template_name, context)
    return HttpResponse(_shown(context), status=status)


def _shown(context):
    """What a template shows of its context: something of the records in it, of which their key stands for all."""
    return [_key(value) for value in context.values()] if isinstance(context, dict) else None


def _key(value):
    from django.db.models.query import QuerySet
    if __kind_of__(value) == "unknown":
        return __related__(value, "pk", None)
    if isinstance(value, (QuerySet, list, tuple)):
        return [__related__(record, "pk", None) for record in value]
    return None


def redirect(to, *args, permanent=False, preserve_request=False, **kwargs):
    return HttpResponsePermanentRedirect(to) if permanent else HttpResponseRedirect(to)


def resolve_url(to, *args, **kwargs): return __unknown__("an address")


def _found(klass, args, kwargs):
    from django.db.models import Model
    if isinstance(klass, type) and issubclass(klass, Model):
        return klass._default_manager.get(*args, **kwargs)
    return klass.get(*args, **kwargs)


def get_object_or_404(klass, *args, **kwargs):
    return _found(klass, args, kwargs)


async def aget_object_or_404(klass, *args, **kwargs):
    return _found(klass, args, kwargs)


def get_list_or_404(klass, *args, **kwargs):
    if not __is_watched__():
        return __unknown__("a list of objects")
    from django.db.models import Model
    found = klass._default_manager if isinstance(klass, type) and issubclass(klass, Model) else klass
    return [record for record in found.filter(*args, **kwargs)]
