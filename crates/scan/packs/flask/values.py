class Values:
    """A part of a request in which the client put anything it likes, by names."""

    def __init__(self, bits, place):
        self.bits = bits
        self.place = place

    def get(self, key, default=None, type=None):
        return __labelled__(self.bits, name=key, given=self.place)

    def __getitem__(self, key):
        return __labelled__(self.bits, name=key, given=self.place)

    pop = get

    def __contains__(self, key):
        return __labelled__(self.bits, name=key, given=self.place)

    def getlist(self, key, type=None):
        return __labelled__(self.bits, name=key, given=self.place)

    def to_dict(self, flat=True):
        return __labelled__(self.bits, given=self.place)

    def items(self, multi=False):
        return __labelled__(self.bits, given=self.place)

    keys = values = lists = items

    def __iter__(self):
        return __labelled__(self.bits, given=self.place)

    def __bool__(self):
        return __labelled__(self.bits, given=self.place)
