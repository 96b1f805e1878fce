class UniqueValidator:
    def __init__(self, *args, **options): pass


class UniqueTogetherValidator(UniqueValidator): pass
