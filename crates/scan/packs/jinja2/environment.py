class Template:
    def __init__(self, environment, name):
        self.environment = environment
        self.name = name

    def render(self, *args, **context):
        return _rendered(self, {**dict(*args), **context})

    async def render_async(self, *args, **context):
        return _rendered(self, {**dict(*args), **context})

    def generate(self, *args, **context): return [_rendered(self, {**dict(*args), **context})]
    def stream(self, *args, **context): return [_rendered(self, {**dict(*args), **context})]
    def __getattr__(self, name): return __unknown__("a part of a template")


def _rendered(template, context):
    if not __is_watched__():
        return __unknown__("a text")
    page = __noted__("render", template.environment.autoescape, False, template.name, context, template.environment)
    # What stands in a template that is a text is not looked at: where nothing is escaped, all may be in it.
    return __text_of__(page, context) if template.name is None and template.environment.autoescape is False else page


class Environment:
    """What is not given here is not known: filters, globals and extensions are the program's."""

    def __init__(self, *args, autoescape=False, loader=None, **options):
        self.autoescape = autoescape
        self.loader = loader
        self.filters = __open_dict__()
        self.tests = __open_dict__()
        self.globals = __open_dict__()

    def get_template(self, name, parent=None, globals=None): return Template(self, name)
    def select_template(self, names, parent=None, globals=None): return Template(self, names)
    def get_or_select_template(self, template_name_or_list, parent=None, globals=None): return Template(self, template_name_or_list)
    def from_string(self, source, globals=None, template_class=None): return Template(self, None)
    def __getattr__(self, name): return __unknown__("a part of the environment of templates")


def select_autoescape(enabled_extensions=("html", "htm", "xml"), disabled_extensions=(), default_for_string=True, default=False):
    """The ends of the names of templates that are escaped, or whether all are."""
    return default or tuple("." + extension for extension in enabled_extensions)
