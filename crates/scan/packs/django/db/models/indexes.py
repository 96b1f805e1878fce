class Index:
    def __init__(self, *args, **options): pass


class UniqueConstraint(Index): pass
class CheckConstraint(Index): pass
class Deferrable: pass
