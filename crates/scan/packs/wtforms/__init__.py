"""Forms as declared fields: what a field holds is what the form's data has under its name."""


class Field:
    """A field of a form's class; each form has one of its own, bound to its data."""

    def __init__(self, label=None, validators=None, *args, **options): pass
    def __call__(self, **options): return __unknown__("a field as HTML")

    @property
    def data(self): return __labelled__(16, name="data", given="form")

    @property
    def errors(self): return __labelled__(16, name="errors")


class _Bound:
    def __init__(self, name, formdata, default):
        self.name = name
        self.data = default if formdata is None else formdata.get(name)

    def __call__(self, **options): return __unknown__("a field as HTML")

    @property
    def raw_data(self): return [self.data]

    @property
    def errors(self): return __labelled__(16, name="errors")

    def populate_obj(self, obj, name):
        __noted__("set", obj, name, self.data)

    def __getattr__(self, name): return __labelled__(16, name=name, given="form")


class BaseForm:
    def process(self, formdata=None, obj=None, data=None, **values):
        self._fields = {}
        if not __is_watched__():
            return
        for name in dir(type(self)):
            if isinstance(getattr(type(self), name, None), Field):
                bound = _Bound(name, formdata, values.get(name))
                self._fields[name] = bound
                setattr(self, name, bound)

    @property
    def data(self):
        if not self._fields:
            return __labelled__(16, name="data", given="form")
        return {name: field.data for name, field in self._fields.items()}

    @property
    def errors(self): return __labelled__(16, name="errors")

    def validate(self, *args, **options): return __labelled__(16, name="form")

    def populate_obj(self, obj):
        for name, field in self._fields.items():
            field.populate_obj(obj, name)

    def __iter__(self): return iter(self._fields.values())
    def __getitem__(self, name): return self._fields[name]
    def __getattr__(self, name): return __labelled__(16, name=name, given="form")


class Form(BaseForm):
    def __init__(self, formdata=None, obj=None, prefix="", data=None, meta=None, **values):
        self.process(formdata, obj, data, **values)


class StringField(Field): pass
class TextAreaField(StringField): pass
class PasswordField(StringField): pass
class HiddenField(StringField): pass
class SearchField(StringField): pass
class TelField(StringField): pass
class URLField(StringField): pass
class EmailField(StringField): pass
class ColorField(StringField): pass
class FileField(Field): pass
class MultipleFileField(FileField): pass
class SelectField(Field): pass
class SelectMultipleField(SelectField): pass
class RadioField(SelectField): pass
class BooleanField(Field): pass
class SubmitField(BooleanField): pass
class IntegerField(Field): pass
class IntegerRangeField(IntegerField): pass
class DecimalField(Field): pass
class DecimalRangeField(DecimalField): pass
class FloatField(Field): pass
class DateField(Field): pass
class TimeField(Field): pass
class MonthField(Field): pass
class DateTimeField(Field): pass
class DateTimeLocalField(DateTimeField): pass
class FormField(Field): pass
class FieldList(Field): pass
TextField = StringField
