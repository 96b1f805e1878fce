class BaseRenderer: pass
class JSONRenderer(BaseRenderer): pass
