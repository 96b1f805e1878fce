from flask import request
from flask_wtf.csrf import CSRFProtect


class FlaskForm:
    def __init__(self, *args, **kwargs): pass
    def validate_on_submit(self, *args, **options): return self.is_submitted() and __labelled__(16, name="form")
    def validate(self, *args, **options): return __labelled__(16, name="form")
    def is_submitted(self): return request.method in ("POST", "PUT", "PATCH", "DELETE")
    def __getattr__(self, name): return __labelled__(16, name=name, given="form")


Form = FlaskForm
