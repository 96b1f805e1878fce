from flask_admin.base import Admin, AdminIndexView, BaseView, expose, expose_plugview
