from ninja.main import NinjaAPI
from ninja.openapi_schema import OpenAPIDocsBase, Redoc, Swagger
from ninja.params import Body, BodyEx, Cookie, CookieEx, File, FileEx, Form, FormEx, Header, HeaderEx, P, Path, PathEx, Query, QueryEx
from ninja.patch_dict import PatchDict
from ninja.router import Router
from ninja.schema import Field, FilterSchema, ModelSchema, Schema, UploadedFile
from ninja.status import Status
