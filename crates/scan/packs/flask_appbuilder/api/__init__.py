from functools import wraps

from flask import Blueprint, jsonify, make_response
from flask_appbuilder.baseviews import AbstractViewApi, expose
from flask_appbuilder.security.decorators import permission_name, protect


def _as_it_is(f):
    """What only changes how arguments are read and answers are written."""
    @wraps(f)
    def inner(self, *args, **kwargs):
        return f(self, *args, **kwargs)
    return inner


safe = _as_it_is


def rison(schema=None):
    def _rison(f):
        @wraps(f)
        def inner(self, *args, **kwargs):
            return f(self, *args, rison=__labelled__(4, name="rison"), **kwargs)
        return inner
    return _rison


def expose_api(*args, **options): return expose(*args, **options)
def merge_response_func(func, key): return _as_it_is


class BaseApi(AbstractViewApi):
    version = "v1"
    resource_name = None
    allow_browser_login = False
    csrf_exempt = True

    def create_blueprint(self, appbuilder, endpoint=None, static_folder=None):
        self.appbuilder = appbuilder
        self.endpoint = endpoint or self.__class__.__name__
        self.resource_name = self.resource_name or self.__class__.__name__.lower()
        if self.route_base is None:
            self.route_base = f"/api/{self.version}/{self.resource_name.lower()}"
        self.blueprint = Blueprint(self.endpoint, __name__, url_prefix=self.route_base)
        self._register_urls()
        return self.blueprint

    @staticmethod
    def response(code, **kwargs):
        return make_response(jsonify(kwargs), code)

    def response_400(self, message=None): return self.response(400)
    def response_401(self): return self.response(401)
    def response_403(self): return self.response(403)
    def response_404(self): return self.response(404)
    def response_422(self, message=None): return self.response(422)
    def response_500(self, message=None): return self.response(500)
    def merge_current_user_permissions(self, response, **kwargs): pass
    def add_apispec_components(self, api_spec): pass


class BaseModelApi(BaseApi):
    datamodel = None


class ModelRestApi(BaseModelApi):
    def info_headless(self, **kwargs): return self.response(200)
    def get_headless(self, pk, **kwargs): return self.response(200)
    def get_list_headless(self, **kwargs): return self.response(200)
    def post_headless(self): return self.response(201)
    def put_headless(self, pk): return self.response(200)
    def delete_headless(self, pk): return self.response(200)

    @expose("/_info", methods=["GET"])
    @protect()
    @permission_name("info")
    def info(self, **kwargs): return self.info_headless(**kwargs)

    @expose("/<int:pk>", methods=["GET"])
    @protect()
    @permission_name("get")
    def get(self, pk, **kwargs): return self.get_headless(pk, **kwargs)

    @expose("/", methods=["GET"])
    @protect()
    @permission_name("get")
    def get_list(self, **kwargs): return self.get_list_headless(**kwargs)

    @expose("/", methods=["POST"])
    @protect()
    @permission_name("post")
    def post(self): return self.post_headless()

    @expose("/<pk>", methods=["PUT"])
    @protect()
    @permission_name("put")
    def put(self, pk): return self.put_headless(pk)

    @expose("/<pk>", methods=["DELETE"])
    @protect()
    @permission_name("delete")
    def delete(self, pk): return self.delete_headless(pk)

    def pre_add(self, item): pass
    def post_add(self, item): pass
    def pre_update(self, item): pass
    def post_update(self, item): pass
    def pre_delete(self, item): pass
    def post_delete(self, item): pass
    def pre_get(self, data): pass
    def pre_get_list(self, data): pass
