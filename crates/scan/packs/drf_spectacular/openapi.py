class AutoSchema:
    def __init__(self, *args, **options): pass
