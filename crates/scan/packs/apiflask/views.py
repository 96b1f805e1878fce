from flask.views import MethodView, View
