from flask_appbuilder.actions import action
from flask_appbuilder.api import ModelRestApi
from flask_appbuilder.base import AppBuilder
from flask_appbuilder.baseviews import BaseView, expose
from flask_appbuilder.charts.views import DirectByChartView, GroupByChartView
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_appbuilder.views import CompactCRUDMixin, IndexView, MasterDetailView, ModelView, MultipleView, PublicFormView, SimpleFormView
from flask_sqlalchemy import SQLAlchemy as SQLA
from flask_appbuilder.models.sqla import Model
