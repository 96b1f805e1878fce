NOFLAG = 0
IGNORECASE = I = 2
LOCALE = L = 4
MULTILINE = M = 8
DOTALL = S = 16
UNICODE = U = 32
VERBOSE = X = 64
ASCII = A = 256


class error(Exception): pass


class Match:
    def __init__(self, string):
        self.string = string

    def group(self, *groups):
        return __group__(self, self.string, *groups)

    def groups(self, default=None):
        return __group__(self, self.string, None)

    def groupdict(self, default=None):
        return __group__(self, self.string, None)

    def __getitem__(self, group):
        return __group__(self, self.string, group)


class Pattern:
    def __init__(self, pattern, flags):
        self.pattern = pattern
        self.flags = flags

    def match(self, string, pos=0, endpos=0):
        return match(self.pattern, string, self.flags)

    def search(self, string, pos=0, endpos=0):
        return search(self.pattern, string, self.flags)

    def fullmatch(self, string, pos=0, endpos=0):
        return fullmatch(self.pattern, string, self.flags)


    def sub(self, repl, string, count=0):
        return sub(self.pattern, repl, string, count, self.flags)


def compile(pattern, flags=0):
    if isinstance(pattern, Pattern):
        return pattern
    return Pattern(pattern, flags)


def match(pattern, string, flags=0):
    compiled = compile(pattern, flags)
    matches = __matches__("match", compiled.pattern, compiled.flags, string)
    if __is_watched__():
        return __found__(matches, Match(string), string, compiled.pattern)
    return Match(string) if matches else None


def search(pattern, string, flags=0):
    compiled = compile(pattern, flags)
    matches = __matches__("search", compiled.pattern, compiled.flags, string)
    if __is_watched__():
        return __found__(matches, Match(string), string, compiled.pattern)
    return Match(string) if matches else None


def fullmatch(pattern, string, flags=0):
    compiled = compile(pattern, flags)
    matches = __matches__("fullmatch", compiled.pattern, compiled.flags, string)
    if __is_watched__():
        return __found__(matches, Match(string), string, compiled.pattern)
    return Match(string) if matches else None


def sub(pattern, repl, string, count=0, flags=0):
    compiled = compile(pattern, flags)
    if count:
        return __part_of__(string)
    return __substituted__(compiled.pattern, compiled.flags, repl, string)
