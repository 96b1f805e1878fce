def cors(app_or_blueprint, **options): return app_or_blueprint
def route_cors(**options): return lambda func: func
def websocket_cors(**options): return lambda func: func
