from ninja import *
from ninja import Router, Schema
from ninja_extra import exceptions, permissions, status
from ninja_extra.controllers import (
    ControllerBase, ModelConfig, ModelControllerBase, ModelEndpointFactory, ModelPagination, ModelSchemaConfig, ModelService, api_controller,
    http_delete, http_generic, http_get, http_patch, http_post, http_put, route,
)
from ninja_extra.main import NinjaExtraAPI
from ninja_extra.pagination import paginate
