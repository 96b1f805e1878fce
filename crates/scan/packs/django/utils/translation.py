def gettext(message): return message


gettext_lazy = gettext_noop = ugettext = ugettext_lazy = gettext


def pgettext(context, message): return message


pgettext_lazy = pgettext


def ngettext(singular, plural, number): return singular


ngettext_lazy = npgettext = npgettext_lazy = ngettext


def get_language(): return __unknown__("a language")
def activate(language): pass
def deactivate(): pass
def get_language_from_request(request, check_path=False): return __unknown__("a language")
def get_language_info(code): return __unknown__("a language")
def to_locale(language): return __unknown__("a language")
def check_for_language(code): return __unknown__("whether there is a language")


class override:
    def __init__(self, language, deactivate=False): pass
    def __enter__(self): return self
    def __exit__(self, *error): pass
    def __call__(self, function): return function
