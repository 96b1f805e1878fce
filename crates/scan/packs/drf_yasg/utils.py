def swagger_auto_schema(*args, **options):
    said = {"methods": options.get("methods") or ([options["method"]] if options.get("method") else None)}
    if said["methods"] is not None:
        said["methods"] = [method.upper() for method in said["methods"]]
    if "request_body" in options:
        said["request"] = options["request_body"]
    if "responses" in options:
        said["responses"] = options["responses"]

    def decorator(described):
        described._described = (getattr(described, "_described", None) or []) + [said]
        return described
    return decorator


def swagger_serializer_method(*args, **options): return lambda f: f
no_body = None
