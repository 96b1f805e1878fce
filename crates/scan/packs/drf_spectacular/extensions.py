class OpenApiAuthenticationExtension: pass
class OpenApiSerializerExtension: pass
class OpenApiSerializerFieldExtension: pass
class OpenApiViewExtension: pass
class OpenApiFilterExtension: pass
