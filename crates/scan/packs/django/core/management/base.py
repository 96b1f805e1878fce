class CommandError(Exception): pass


class BaseCommand:
    help = ""

    def __init__(self, *args, **options): pass


class LabelCommand(BaseCommand): pass
class AppCommand(BaseCommand): pass
class no_translations: pass
