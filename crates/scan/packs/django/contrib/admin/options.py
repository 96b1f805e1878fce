from functools import update_wrapper

from django.http import HttpResponse

HORIZONTAL, VERTICAL = 1, 2
IS_POPUP_VAR = "_popup"


class ShowFacets: pass


class BaseModelAdmin:
    def get_queryset(self, request): return __unknown__("records")
    def has_add_permission(self, request): return request.user.has_perm(self._permission("add"))
    def has_change_permission(self, request, obj=None): return request.user.has_perm(self._permission("change"))
    def has_delete_permission(self, request, obj=None): return request.user.has_perm(self._permission("delete"))
    def has_view_permission(self, request, obj=None): return request.user.has_perm(self._permission("view"))
    def has_module_permission(self, request): return request.user.has_module_perms(self.opts.app_label)
    def _permission(self, action): return f"{self.opts.app_label}.{action}_{self.opts.model_name}"
    def get_readonly_fields(self, request, obj=None): return __unknown__("fields")
    def get_fields(self, request, obj=None): return __unknown__("fields")
    def get_fieldsets(self, request, obj=None): return __unknown__("fields")
    def get_form(self, request, obj=None, **options): return __unknown__("a form")


class ModelAdmin(BaseModelAdmin):
    def __init__(self, model, admin_site):
        self.model = model
        self.opts = model._meta
        self.admin_site = admin_site

    def get_urls(self):
        from django.urls import path

        def wrap(view):
            def wrapper(*args, **kwargs):
                return self.admin_site.admin_view(view)(*args, **kwargs)
            return update_wrapper(wrapper, view)

        name = "%s_%s" % (self.opts.app_label, self.opts.model_name)
        return [
            path("", wrap(self.changelist_view), name=name + "_changelist"),
            path("add/", wrap(self.add_view), name=name + "_add"),
            path("<path:object_id>/history/", wrap(self.history_view), name=name + "_history"),
            path("<path:object_id>/delete/", wrap(self.delete_view), name=name + "_delete"),
            path("<path:object_id>/change/", wrap(self.change_view), name=name + "_change"),
            path("<path:object_id>/", wrap(self.redirect_view)),
        ]

    @property
    def urls(self):
        return self.get_urls()

    def changelist_view(self, request, extra_context=None): return HttpResponse()
    def add_view(self, request, form_url="", extra_context=None): return HttpResponse()
    def history_view(self, request, object_id, extra_context=None): return HttpResponse()
    def delete_view(self, request, object_id, extra_context=None): return HttpResponse()
    def change_view(self, request, object_id, form_url="", extra_context=None): return HttpResponse()
    def redirect_view(self, request, object_id): return HttpResponse()
    def changeform_view(self, request, object_id=None, form_url="", extra_context=None): return HttpResponse()
    def response_change(self, request, obj): return HttpResponse()
    def response_add(self, request, obj, post_url_continue=None): return HttpResponse()
    def save_model(self, request, obj, form, change): pass
    def delete_model(self, request, obj): pass
    def message_user(self, *args, **options): pass
    def log_change(self, *args, **options): pass


class InlineModelAdmin(BaseModelAdmin):
    def __init__(self, parent_model=None, admin_site=None): pass


class StackedInline(InlineModelAdmin): pass
class TabularInline(InlineModelAdmin): pass
