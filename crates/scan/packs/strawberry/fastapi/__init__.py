from fastapi import APIRouter, Depends


def _nothing():
    pass


class GraphQLRouter(APIRouter):
    def __class_getitem__(cls, key):
        return cls

    def __init__(self, schema, path="", graphiql=None, graphql_ide="graphiql", allow_queries_via_get=True, keep_alive=False,
                 keep_alive_interval=1, root_value_getter=None, context_getter=None, subscription_protocols=(),
                 connection_init_wait_timeout=None, multipart_uploads_enabled=False, **options):
        super().__init__(**options)
        context = Depends(context_getter or _nothing)
        root = Depends(root_value_getter or _nothing)

        @self.get(path, include_in_schema=graphql_ide is not None or allow_queries_via_get)
        async def handle_http_get(context=context, root_value=root):
            pass

        @self.post(path)
        async def handle_http_post(context=context, root_value=root):
            pass

        @self.websocket(path)
        async def websocket_endpoint(context=context, root_value=root):
            pass


class BaseContext: pass
