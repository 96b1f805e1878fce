def custom_cors(config):
    return lambda handler: handler


class CorsViewMixin:
    cors_config = None
