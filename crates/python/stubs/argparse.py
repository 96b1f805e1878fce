_COUNTED = ("store_true", "store_false", "count", "version", "help")


class Namespace:
    """What a command is given; options that are numbers or switches hold no text."""

    def __init__(self, plain):
        self.__plain__ = plain

    def __getattr__(self, name):
        if name in self.__plain__:
            return __unknown__("a number, or a switch")
        return __outside__("argparse.ArgumentParser.parse_args")


class ArgumentParser:
    def __init__(self, *args, **options):
        self._plain = []

    def add_argument(self, *names, action=None, type=None, choices=None, dest=None, **options):
        if action in _COUNTED or type is int or type is float or type is bool or choices is not None:
            for name in names:
                self._plain.append(name.lstrip("-").replace("-", "_"))
            self._plain.append(dest)

    def add_argument_group(self, *args, **options): return self
    def add_mutually_exclusive_group(self, **options): return self
    def add_subparsers(self, **options): return self
    def add_parser(self, name, **options): return self
    def set_defaults(self, **defaults): pass
    def print_help(self, file=None): pass
    def print_usage(self, file=None): pass
    def parse_args(self, args=None, namespace=None): return Namespace(self._plain)
    def parse_known_args(self, args=None, namespace=None): return (Namespace(self._plain), [__outside__("argparse.ArgumentParser.parse_args")])
