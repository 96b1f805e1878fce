from rest_framework.schemas import SchemaView
from django.urls import path


def include_docs_urls(title=None, permission_classes=None, authentication_classes=None, **options):
    from rest_framework.schemas import get_schema_view
    return ([path("", get_schema_view(permission_classes=permission_classes, authentication_classes=authentication_classes))], "api-docs", "api-docs")
