from ninja.openapi_schema import OpenAPIDocsBase as DocsBase, Redoc, Swagger
