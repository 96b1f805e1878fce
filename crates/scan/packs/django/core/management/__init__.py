def execute_from_command_line(argv=None): pass
def call_command(name, *args, **options):
    if __is_watched__() and name in ("migrate", "flush"):
        __noted__("schema-change", "django.core.management.call_command")
    return __unknown__("what a command gives")
