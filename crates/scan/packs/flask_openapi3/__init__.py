from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models import APIKey, Contact, ExternalDocumentation, FileStorage, HTTPBearer, Info, License, Server, Tag
from flask_openapi3.openapi import OpenAPI
from flask_openapi3.view import APIView
