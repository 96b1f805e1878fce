from flask import redirect
from flask_appbuilder.baseviews import BaseCRUDView, BaseFormView, BaseView, expose
from flask_appbuilder.security.decorators import has_access


class IndexView(BaseView):
    route_base = ""
    default_view = "index"

    @expose("/")
    def index(self): return self.render_template("index.html")


class UtilView(BaseView):
    route_base = ""
    default_view = "back"

    @expose("/back")
    def back(self): return redirect(self.get_redirect())


class SimpleFormView(BaseFormView):
    @expose("/form", methods=["GET"])
    @has_access
    def this_form_get(self): return self.render_template("form.html")

    @expose("/form", methods=["POST"])
    @has_access
    def this_form_post(self): return self.form_post(None)


class PublicFormView(BaseFormView):
    @expose("/form", methods=["GET"])
    def this_form_get(self): return self.render_template("form.html")

    @expose("/form", methods=["POST"])
    def this_form_post(self): return self.form_post(None)


class ModelView(BaseCRUDView):
    @expose("/list/")
    @has_access
    def list(self): return self.render_template("list.html")

    @expose("/show/<pk>", methods=["GET"])
    @has_access
    def show(self, pk): return self.render_template("show.html")

    @expose("/add", methods=["GET", "POST"])
    @has_access
    def add(self): return self.render_template("add.html")

    @expose("/edit/<pk>", methods=["GET", "POST"])
    @has_access
    def edit(self, pk): return self.render_template("edit.html")

    @expose("/delete/<pk>", methods=["GET", "POST"])
    @has_access
    def delete(self, pk): return __unknown__("where the views lead after a deletion")

    @expose("/download/<string:filename>")
    @has_access
    def download(self, filename): return __unknown__("a file")

    @expose("/action/<string:name>/<pk>", methods=["GET", "POST"])
    def action(self, name, pk):
        if self.appbuilder.sm.has_access(f"can_{name}", self.class_permission_name):
            return __unknown__("what an action answers")
        return redirect(".")

    @expose("/action_post", methods=["POST"])
    def action_post(self):
        if self.appbuilder.sm.has_access("can_act", self.class_permission_name):
            return __unknown__("what an action answers")
        return redirect(".")


class MasterDetailView(BaseCRUDView):
    @expose("/list/")
    @expose("/list/<pk>")
    @has_access
    def list(self, pk=None): return self.render_template("list.html")


class MultipleView(BaseView):
    views = None

    @expose("/list/")
    @has_access
    def list(self): return self.render_template("list.html")


class CompactCRUDMixin(BaseCRUDView):
    @expose("/list/", methods=["GET", "POST"])
    @has_access
    def list(self): return self.render_template("list.html")

    @expose("/add/", methods=["GET", "POST"])
    @has_access
    def add(self): return self.render_template("add.html")

    @expose("/edit/<pk>", methods=["GET", "POST"])
    @has_access
    def edit(self, pk): return self.render_template("edit.html")

    @expose("/delete/<pk>", methods=["GET", "POST"])
    @has_access
    def delete(self, pk): return __unknown__("where the views lead after a deletion")
