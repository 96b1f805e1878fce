"""Statements that are composed of quoted names: what they read as."""


def SQL(string):
    return string


def Identifier(*strings):
    return strings[-1]


def Literal(wrapped):
    return wrapped


def Placeholder(name=None):
    return "%s" if name is None else "%(" + name + ")s"
