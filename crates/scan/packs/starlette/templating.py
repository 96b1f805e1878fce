from jinja2.environment import Environment
from starlette.responses import HTMLResponse


class _TemplateResponse(HTMLResponse):
    """A page. What a template is given is not what it prints."""


class Jinja2Templates:
    def __init__(self, directory=None, *, context_processors=None, env=None, **options):
        # Which names are escaped depends on the version.
        self.env = Environment(autoescape=options.get("autoescape", "starlette")) if env is None else env

    def get_template(self, name): return self.env.get_template(name)

    def TemplateResponse(self, *args, **options):
        """`(request, name, context)`, and what came before it: `(name, context)`."""
        names = ["name", "context", "status_code", "headers", "media_type", "background"]
        if not args or __kind_of__(args[0]) != "text":
            names = ["request"] + names
        given = {**dict(zip(names, args)), **options}
        context = {} if given.get("context") is None else given.get("context")
        page = None
        if __is_watched__():
            environment = self.env
            autoescape = environment.autoescape if isinstance(environment, Environment) else True
            page = __noted__("render", autoescape, True, given.get("name"), context, environment)
        return _TemplateResponse(page, given.get("status_code", 200), given.get("headers"))
