from importlib.metadata import entry_points


def iter_entry_points(group, name=None):
    return entry_points(group=group, name=name)
