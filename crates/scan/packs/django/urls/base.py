class NoReverseMatch(Exception): pass


def reverse(viewname, urlconf=None, args=None, kwargs=None, current_app=None, **options): return __unknown__("an address")


reverse_lazy = reverse


def resolve(path, urlconf=None):
    from django.core.handlers.base import _current
    if _current.request is not None:
        return _current.request.resolver_match
    return __unknown__("what a path leads to")


def get_urlconf(default=None): return __unknown__("the module of the routes")
def set_urlconf(urlconf_name): pass
def get_script_prefix(): return "/"
def set_script_prefix(prefix): pass
def clear_script_prefix(): pass
def clear_url_caches(): pass
def is_valid_path(path, urlconf=None): return __unknown__("whether there is such a path")
def translate_url(url, lang_code): return __unknown__("an address")
