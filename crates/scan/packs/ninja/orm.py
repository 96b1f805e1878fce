from ninja.schema import ModelSchema


def create_schema(model, **options): return __unknown__("a schema of a model")
def register_field(*args): pass
