class JSONProvider: pass
class DefaultJSONProvider(JSONProvider): pass
