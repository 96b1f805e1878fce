from flask import redirect
from flask_admin.base import BaseView, expose


class BaseModelView(BaseView):
    can_create = True
    can_edit = True
    can_delete = True
    can_view_details = False
    can_export = False

    def __init__(self, model, name=None, category=None, endpoint=None, url=None, static_folder=None, menu_class_name=None, menu_icon_type=None,
                 menu_icon_value=None):
        self.model = model
        super().__init__(name, category, endpoint, url, static_folder)

    def _get_endpoint(self, endpoint):
        return endpoint or self.model.__name__.lower()

    @expose("/")
    def index_view(self): return self.render("admin/model/list.html")

    @expose("/new/", methods=("GET", "POST"))
    def create_view(self): return self.render("admin/model/create.html")

    @expose("/edit/", methods=("GET", "POST"))
    def edit_view(self): return self.render("admin/model/edit.html")

    @expose("/details/")
    def details_view(self): return self.render("admin/model/details.html")

    @expose("/delete/", methods=("POST",))
    def delete_view(self): return __unknown__("what a deletion answers")

    @expose("/action/", methods=("POST",))
    def action_view(self): return __unknown__("what an action answers")

    @expose("/export/<export_type>/")
    def export(self, export_type): return __unknown__("a file")

    @expose("/ajax/lookup/")
    def ajax_lookup(self): return __unknown__("what is found")

    @expose("/ajax/update/", methods=("POST",))
    def ajax_update(self): return __unknown__("what a change answers")
