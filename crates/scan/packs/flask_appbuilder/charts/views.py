from flask_appbuilder.baseviews import BaseModelView, expose
from flask_appbuilder.security.decorators import has_access


class BaseChartView(BaseModelView):
    default_view = "chart"


class GroupByChartView(BaseChartView):
    @expose("/chart/<group_by>")
    @expose("/chart/")
    @has_access
    def chart(self, group_by=0): return self.render_template("chart.html")


class DirectByChartView(GroupByChartView): pass


class ChartView(BaseChartView):
    @expose("/chart/<group_by>")
    @expose("/chart/")
    @has_access
    def chart(self, group_by=""): return self.render_template("chart.html")


class DirectChartView(ChartView): pass


class TimeChartView(BaseChartView):
    @expose("/chart/<group_by>/<period>")
    @expose("/chart/")
    @has_access
    def chart(self, group_by="", period=""): return self.render_template("chart.html")
