def with_appcontext(f):
    return f


class AppGroup:
    def __init__(self, name=None, **options):
        self.name = name

    def command(self, *args, **options):
        return lambda f: f

    def group(self, *args, **options):
        return lambda f: AppGroup()

    def add_command(self, *args, **options):
        pass

    def __call__(self, *args, **options):
        pass


class FlaskGroup(AppGroup):
    def __init__(self, add_default_commands=True, create_app=None, **options):
        self.create_app = create_app


class ScriptInfo: pass


def load_dotenv(path=None): return True
def pass_script_info(f): return f
def shell_command(*args, **options): pass
def run_command(*args, **options): pass
