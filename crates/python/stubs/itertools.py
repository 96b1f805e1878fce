class chain:
    def __new__(cls, *iterables):
        pass

    def __init__(self, *iterables):
        self.items = [item for iterable in iterables for item in iterable]

    @classmethod
    def from_iterable(cls, iterables):
        return [item for iterable in iterables for item in iterable]

    def __iter__(self):
        return self.items


def product(first, *rest):
    if not rest:
        return [(item,) for item in first]
    return [(item, *others) for item in first for others in product(*rest)]
