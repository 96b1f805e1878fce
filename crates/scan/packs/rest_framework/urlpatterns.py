from django.urls import URLResolver, include, path, re_path
from django.urls.resolvers import RegexPattern


def format_suffix_patterns(urlpatterns, suffix_required=False, allowed=None):
    suffix = "format"
    if allowed:
        suffix_pattern = r"\.(?P<%s>%s)/?$" % (suffix, allowed[0] if len(allowed) == 1 else "(" + "|".join(allowed) + ")")
    else:
        suffix_pattern = r"\.(?P<%s>[a-z0-9]+)/?$" % suffix
    return _with_suffixes(urlpatterns, suffix_pattern, "<drf_format_suffix:format>", suffix_required)


def _with_suffixes(urlpatterns, suffix_pattern, suffix_route, suffix_required):
    ret = []
    for urlpattern in urlpatterns:
        if isinstance(urlpattern, URLResolver):
            inner = _with_suffixes(urlpattern.url_patterns, suffix_pattern, suffix_route, suffix_required)
            ret.append(URLResolver(urlpattern.pattern, inner, urlpattern.default_kwargs, urlpattern.app_name, urlpattern.namespace))
        else:
            if not suffix_required:
                ret.append(urlpattern)
            if isinstance(urlpattern.pattern, RegexPattern):
                regex = urlpattern.pattern._regex.rstrip("$").rstrip("/") + suffix_pattern
                ret.append(re_path(regex, urlpattern.callback, urlpattern.default_args, name=urlpattern.name))
            else:
                route = urlpattern.pattern._route.rstrip("$").rstrip("/") + suffix_route
                ret.append(path(route, urlpattern.callback, urlpattern.default_args, name=urlpattern.name))
    return ret
