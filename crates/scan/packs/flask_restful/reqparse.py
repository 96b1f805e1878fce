from flask.globals import request


class Argument:
    def __init__(self, name, default=None, dest=None, required=False, ignore=False, type=None, location=("json", "values"), choices=(),
                 action="store", help=None, operators=("=",), case_sensitive=True, store_missing=True, trim=False, nullable=True):
        self.name = name
        self.default = default
        self.dest = dest
        self.location = location
        self.required = required
        self.type = type
        self.choices = choices
        self.action = action

    def found(self):
        places = (self.location,) if isinstance(self.location, str) else self.location
        if "headers" in places:
            return request.headers.get(self.name, self.default)
        if "cookies" in places:
            return request.cookies.get(self.name, self.default)
        return __labelled__(4 if "args" in places else 16, name=self.name)


class Namespace(dict):
    def __getattr__(self, name):
        return self[name]


class RequestParser:
    def __init__(self, argument_class=Argument, namespace_class=Namespace, trim=False, bundle_errors=False):
        self.args = []
        self.argument_class = argument_class

    def add_argument(self, *args, **kwargs):
        argument = args[0]
        if not isinstance(argument, Argument):
            argument = self.argument_class(*args, **kwargs)
        self.args.append(argument)
        return self

    def parse_args(self, req=None, strict=False, http_error_code=400):
        __noted__("parsed", self)
        found = Namespace()
        for argument in self.args:
            name = argument.dest or argument.name.lstrip("-").replace("-", "_")
            found[name] = argument.found()
        return found

    def _arguments(self):
        """Name, place, schema and whether it must be given, of each argument; no place where it may stand in the query or in the body."""
        found = []
        for one in self.args:
            schema = _schema_of(one)
            if one.action in ("append", "split"):
                schema = {"type": "array", "items": schema}
            location = one.location[0] if __kind_of__(one.location) in ("list", "tuple") and len(one.location) == 1 else one.location
            found.append((one.name.lstrip("-"), _PLACES.get(location) if isinstance(location, str) else None, schema, one.required is True))
        return found

    def copy(self):
        made = RequestParser(self.argument_class)
        made.args = list(self.args)
        return made

    def replace_argument(self, name, *args, **kwargs):
        self.remove_argument(name)
        return self.add_argument(name, *args, **kwargs)

    def remove_argument(self, name):
        self.args = [argument for argument in self.args if argument.name != name]
        return self


_PLACES = {"args": "query", "values": "query", "headers": "header", "cookies": "cookie", "view_args": "path", "json": "json", "form": "form", "files": "files"}


def _schema_of(argument):
    schema = {"type": "string"} if argument.type is None else {"$ref": argument.type}
    if argument.location == "files":
        schema = {"type": "string", "format": "binary"}
    said = getattr(argument.type, "_schema", None)
    if __kind_of__(said) == "dict":
        schema = dict(said)
    if __kind_of__(argument.choices) in ("list", "tuple") and len(argument.choices) > 0:
        schema["enum"] = list(argument.choices)
    return schema
