from flask_admin.base import BaseView, expose


class BaseFileAdmin(BaseView):
    def __init__(self, base_url=None, name=None, category=None, endpoint=None, url=None, verify_path=True, storage=None, **options):
        super().__init__(name, category, endpoint, url)

    @expose("/old_index")
    @expose("/old_b/<path:path>")
    def index(self, path=None): return self.render("admin/file/list.html")

    @expose("/")
    @expose("/b/<path:path>")
    def index_view(self, path=None): return self.render("admin/file/list.html")

    @expose("/upload/", methods=("GET", "POST"))
    @expose("/upload/<path:path>", methods=("GET", "POST"))
    def upload(self, path=None): return self.render("admin/file/form.html")

    @expose("/download/<path:path>")
    def download(self, path=None): return __unknown__("a file")

    @expose("/mkdir/", methods=("GET", "POST"))
    @expose("/mkdir/<path:path>", methods=("GET", "POST"))
    def mkdir(self, path=None): return self.render("admin/file/form.html")

    @expose("/delete/", methods=("POST",))
    def delete(self): return __unknown__("what a deletion answers")

    @expose("/rename/", methods=("GET", "POST"))
    def rename(self): return self.render("admin/rename.html")

    @expose("/edit/", methods=("GET", "POST"))
    def edit(self): return self.render("admin/file/form.html")

    @expose("/action/", methods=("POST",))
    def action_view(self): return __unknown__("what an action answers")


class FileAdmin(BaseFileAdmin):
    def __init__(self, base_path, *args, **kwargs):
        super().__init__(*args, **kwargs)
