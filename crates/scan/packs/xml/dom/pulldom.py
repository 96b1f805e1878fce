from xml.sax import _parsed

START_ELEMENT = "START_ELEMENT"
END_ELEMENT = "END_ELEMENT"
COMMENT = "COMMENT"
START_DOCUMENT = "START_DOCUMENT"
END_DOCUMENT = "END_DOCUMENT"
PROCESSING_INSTRUCTION = "PROCESSING_INSTRUCTION"
IGNORABLE_WHITESPACE = "IGNORABLE_WHITESPACE"
CHARACTERS = "CHARACTERS"


def parse(stream_or_string, parser=None, bufsize=None):
    _parsed(stream_or_string, parser)
    return __unknown__("a stream of events")


def parseString(string, parser=None):
    _parsed(string, parser)
    return __unknown__("a stream of events")
