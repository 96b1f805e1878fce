from django.core.files import UploadedFile
from pydantic import BaseModel, Field


class Schema(BaseModel):
    @classmethod
    def from_orm(cls, obj, **options): return __unknown__("a record as a schema")


class ModelSchema(Schema): pass
class FilterSchema(Schema):
    def filter(self, queryset): return queryset
