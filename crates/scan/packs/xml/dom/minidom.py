from xml.sax import _parsed


def parse(file, parser=None, bufsize=None):
    _parsed(file, parser)
    return __unknown__("a document")


def parseString(string, parser=None):
    _parsed(string, parser)
    return __unknown__("a document")
