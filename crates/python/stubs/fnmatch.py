def fnmatch(name, pat):
    return __matches__("fnmatch", pat, 0, name)


fnmatchcase = fnmatch


def filter(names, pat):
    return [name for name in names if fnmatch(name, pat)]
