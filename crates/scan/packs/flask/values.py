class Values:
    """A part of a request in which the client put anything it likes, by names."""

    def __init__(self, bits):
        self.bits = bits

    def get(self, key, default=None, type=None):
        return __labelled__(self.bits, name=key)

    def __getitem__(self, key):
        return __labelled__(self.bits, name=key)

    pop = get

    def __contains__(self, key):
        return __labelled__(self.bits, name=key)

    def getlist(self, key, type=None):
        return __labelled__(self.bits, name=key)

    def to_dict(self, flat=True):
        return __labelled__(self.bits, name="values")

    def items(self, multi=False):
        return __labelled__(self.bits, name="values")

    keys = values = lists = items

    def __iter__(self):
        return __labelled__(self.bits, name="values")

    def __bool__(self):
        return __labelled__(self.bits, name="values")
