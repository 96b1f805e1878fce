from xml.sax import handler
from xml.sax.handler import ContentHandler, ErrorHandler


class _Parser:
    """A parser of expat: without external entities, unless it is told to read them."""

    def __init__(self):
        self.external = False

    def setFeature(self, name, state):
        if name in (handler.feature_external_ges, handler.feature_external_pes):
            self.external = bool(state)

    def getFeature(self, name): return __unknown__("a feature of a parser")
    def setContentHandler(self, handler): pass
    def setErrorHandler(self, handler): pass
    def setEntityResolver(self, resolver): self.external = False
    def setDTDHandler(self, handler): pass
    def setProperty(self, name, value): pass
    def feed(self, data): _parsed(data, self)
    def close(self): pass
    def parse(self, source): _parsed(source, self)


def _parsed(source, parser):
    if isinstance(parser, _Parser) and parser.external:
        __noted__("call", "xml.sax.parse", source)


def make_parser(parser_list=()): return _Parser()
def parse(source, handler, errorHandler=None): pass
def parseString(string, handler, errorHandler=None): pass
