from flask import request
from flask_wtf.csrf import CSRFProtect
from wtforms import Form


class FlaskForm(Form):
    def __init__(self, formdata=None, *args, **values):
        if formdata is None and self.is_submitted():
            formdata = request.form
        self.process(formdata, **values)

    def validate_on_submit(self, *args, **options): return self.is_submitted() and self.validate()
    def is_submitted(self): return request.method in ("POST", "PUT", "PATCH", "DELETE")
    def hidden_tag(self, *fields): return __unknown__("fields as HTML")
