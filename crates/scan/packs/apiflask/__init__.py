from apiflask.app import APIFlask
from apiflask.blueprint import APIBlueprint
from apiflask.exceptions import HTTPError, abort
from apiflask.schemas import EmptySchema, FileSchema, PaginationSchema, Schema
from apiflask.security import APIKeyCookieAuth, APIKeyHeaderAuth, APIKeyQueryAuth, HTTPAPIKeyAuth, HTTPBasicAuth, HTTPTokenAuth, MultiAuth
