from tortoise import fields
from tortoise.models import Model


class Tortoise:
    @staticmethod
    def init(*arguments, **options): pass

    @staticmethod
    def generate_schemas(*arguments, **options):
        __noted__("schema-change", "tortoise.Tortoise.generate_schemas")

    @staticmethod
    def close_connections(*arguments, **options): pass

    @staticmethod
    def init_models(*arguments, **options): pass
