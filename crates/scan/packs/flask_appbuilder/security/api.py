from flask_appbuilder.api import BaseApi, expose
from flask_jwt_extended import jwt_required


class SecurityApi(BaseApi):
    resource_name = "security"

    @expose("/login", methods=["POST"])
    def login(self): return self.response(200)

    @expose("/refresh", methods=["POST"])
    @jwt_required(refresh=True)
    def refresh(self): return self.response(200)
