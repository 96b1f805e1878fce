class _Template:
    def __init__(self, name):
        self.name = name

    def render(self, context=None, request=None): return render_to_string(self.name, context)
    def __getattr__(self, name): return __unknown__("a part of a template")


def render_to_string(template_name, context=None, request=None, using=None):
    return __noted__("render", "django", False, template_name, context) if __is_watched__() else __unknown__("a page")


def get_template(template_name, using=None): return _Template(template_name)
def select_template(template_name_list, using=None): return _Template(template_name_list)
