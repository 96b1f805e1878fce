from werkzeug.exceptions import HTTPException


class Map:
    def __init__(self, rules=None, default_subdomain="", strict_slashes=True, merge_slashes=True, redirect_defaults=True, converters=None,
                 sort_parameters=False, sort_key=None, host_matching=False):
        self.rules = []
        self.host_matching = host_matching
        self.strict_slashes = strict_slashes
        self.merge_slashes = merge_slashes
        self.redirect_defaults = redirect_defaults
        self.converters = {}
        if converters:
            self.converters.update(converters)
        for rule in rules or []:
            self.add(rule)

    def add(self, rulefactory):
        for rule in [rulefactory] if isinstance(rulefactory, Rule) else rulefactory.get_rules(self):
            self.rules.append(rule)
            # A rule of its own mind keeps slashes that stand next to each other; what is an alias leads to the rule that is none.
            rule._merges = self.merge_slashes if rule.merge_slashes is None else rule.merge_slashes
            rule._leads_on = rule.alias is True and self.redirect_defaults is not False

    def iter_rules(self, endpoint=None):
        return [rule for rule in self.rules if endpoint is None or rule.endpoint == endpoint]

    @property
    def _rules(self):
        return self.rules

    def is_endpoint_expecting(self, endpoint, *arguments):
        return False


class Rule:
    def __init__(self, string, defaults=None, subdomain=None, methods=None, build_only=False, endpoint=None, strict_slashes=None, merge_slashes=None,
                 redirect_to=None, alias=False, host=None, websocket=False, owners=(), hooks=(), **extra):
        self.rule = string
        self.endpoint = endpoint
        self.methods = None if methods is None else [method.upper() for method in methods]
        self.defaults = defaults or {}
        self.subdomain = subdomain
        self.host = host
        self.strict_slashes = strict_slashes
        self.merge_slashes = merge_slashes
        self.alias = alias
        self.build_only = build_only
        self.redirect_to = redirect_to
        self.websocket = websocket
        self.blueprints = []
        self.owners = list(owners)
        self.hooks = list(hooks)

    @property
    def arguments(self):
        return [part.split(">")[0].split(":")[-1] for part in self.rule.split("<")[1:]] + list(self.defaults)

    def get_rules(self, map):
        return [self]


class RuleFactory: pass


class Subdomain(RuleFactory):
    def __init__(self, subdomain, rules):
        self.subdomain, self.rules = subdomain, rules

    def get_rules(self, map):
        for factory in self.rules:
            for rule in factory.get_rules(map):
                rule.subdomain = self.subdomain
                yield rule


class Submount(RuleFactory):
    def __init__(self, path, rules):
        self.path, self.rules = path.rstrip("/"), rules

    def get_rules(self, map):
        for factory in self.rules:
            for rule in factory.get_rules(map):
                rule.rule = self.path + rule.rule
                yield rule


class BaseConverter:
    regex = "[^/]+"
    part_isolating = True

    def __init__(self, map, *args, **kwargs):
        self.map = map


class UnicodeConverter(BaseConverter): pass
class AnyConverter(BaseConverter): pass


class PathConverter(BaseConverter):
    regex = "[^/].*?"


class NumberConverter(BaseConverter): pass


class IntegerConverter(NumberConverter):
    regex = r"\d+"


class FloatConverter(NumberConverter):
    regex = r"\d+\.\d+"


class UUIDConverter(BaseConverter):
    regex = r"[A-Fa-f0-9]{8}-[A-Fa-f0-9]{4}-[A-Fa-f0-9]{4}-[A-Fa-f0-9]{4}-[A-Fa-f0-9]{12}"


class ValidationError(ValueError): pass
class RoutingException(Exception): pass
class RequestRedirect(HTTPException, RoutingException): code = 308
class BuildError(RoutingException): pass
