def defaultdict(factory=None, *args, **entries):
    return __open_dict__(factory)


OrderedDict = dict
Counter = dict


def namedtuple(name, fields, **options):
    return __unknown__("a named tuple")
