class Index:
    def __init__(self, *args, **options):
        self.options = options


class UniqueConstraint(Index): pass
class CheckConstraint(Index): pass
class Deferrable: pass
