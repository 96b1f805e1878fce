from flask_wtf.csrf import CSRFProtect


class FlaskForm:
    def __init__(self, *args, **kwargs): pass
    def validate_on_submit(self, *args, **options): return __labelled__(16, name="form")
    def validate(self, *args, **options): return __labelled__(16, name="form")
    def is_submitted(self): return __labelled__(16, name="form")
    def __getattr__(self, name): return __labelled__(16, name=name)


Form = FlaskForm
