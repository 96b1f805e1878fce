VERSION = (5, 2, 0, "final", 0)


def get_version(): return "5.2"
def setup(set_prefix=True): pass
