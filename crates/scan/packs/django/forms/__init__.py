class Form:
    # The names of what a client may give; not known where none are said.
    _writable = None

    def __init__(self, data=None, files=None, *args, **options):
        self.data = data

    def is_valid(self): return __labelled__(16, name="is_valid")

    @property
    def cleaned_data(self):
        if not __is_watched__():
            return __labelled__(16, name="cleaned_data")
        return self._given()

    def _given(self):
        given = __labelled__(16, given="form")
        if self._writable is None:
            return given
        found = __parts__(self.data, self._writable, given)
        for name in found:
            field = getattr(self, name, None)
            if isinstance(field, Field):
                found[name] = field._narrowed(found[name])
        return found

    @property
    def errors(self): return __labelled__(16, name="errors")

    def add_error(self, field, error): pass
    def save(self, commit=True): return __labelled__(16, name="saved")
    def clean(self): return __labelled__(16, name="cleaned_data")
    def full_clean(self): pass
    def has_changed(self): return __labelled__(16, name="has_changed")


class BaseForm(Form): pass


class ModelForm(Form):
    def __init__(self, data=None, files=None, *args, instance=None, **options):
        self.data = data
        self._is_new = __kind_of__(instance) == "constant"
        self.instance = instance
        if self._is_new and __is_watched__():
            # What is given is there before it is saved: who makes it a form's owner does so after.
            self.instance = self._meta_model()()
            __keep__(self.instance, self._given())

    def _meta_model(self):
        return self.Meta.model

    def save(self, commit=True):
        if not __is_watched__():
            return __labelled__(16, name="saved")
        if not self._is_new:
            __noted__("assign", self.instance, self._given())
        if commit:
            self.instance.save()
        return self.instance

    def save_m2m(self): pass


def _form_of(model, fields):
    """The form of a view that names a model and fields."""
    class Made(ModelForm):
        class Meta: pass
    Made.Meta.model = model
    Made._writable = list(fields) if isinstance(fields, (list, tuple)) else None
    return Made


class BaseModelForm(ModelForm): pass
class BaseFormSet(Form): pass
class BaseModelFormSet(BaseFormSet): pass
class BaseInlineFormSet(BaseModelFormSet): pass


class Field:
    def __init__(self, *args, **options): pass

    # What of a value that a client gave it lets through.
    def _narrowed(self, value): return value


class _Plain(Field):
    """What it lets through is no text that a client wrote as it pleased."""

    def _narrowed(self, value): return __narrowed__(value, None)


class _Text(Field):
    """What it lets through is a text."""

    _pattern = None

    def _narrowed(self, value):
        text = str(value)
        return text if self._pattern is None else __narrowed__(text, self._pattern)


class CharField(_Text): pass
class IntegerField(_Plain): pass
class FloatField(_Plain): pass
class DecimalField(_Plain): pass
class DateField(_Plain): pass
class DateTimeField(_Plain): pass
class TimeField(_Plain): pass
class DurationField(_Plain): pass
class EmailField(CharField): pass
class FileField(Field): pass
class ImageField(Field): pass
class URLField(CharField): pass
class BooleanField(_Plain): pass
class NullBooleanField(_Plain): pass
class ChoiceField(_Plain): pass
class TypedChoiceField(_Plain): pass
class MultipleChoiceField(_Plain): pass


class RegexField(CharField):
    def __init__(self, regex=None, **options):
        self._pattern = regex if isinstance(regex, str) else regex.pattern


class SlugField(CharField):
    _pattern = "^[-a-zA-Z0-9_]+$"


class UUIDField(_Plain): pass
class JSONField(Field): pass
class ModelChoiceField(Field): pass
class ModelMultipleChoiceField(Field): pass
class GenericIPAddressField(Field): pass


class Widget:
    def __init__(self, *args, **options): pass


class Textarea(Widget): pass
class TextInput(Widget): pass
class NumberInput(Widget): pass
class EmailInput(Widget): pass
class URLInput(Widget): pass
class PasswordInput(Widget): pass
class HiddenInput(Widget): pass
class DateInput(Widget): pass
class DateTimeInput(Widget): pass
class TimeInput(Widget): pass
class CheckboxInput(Widget): pass
class CheckboxSelectMultiple(Widget): pass
class Select(Widget): pass
class SelectMultiple(Widget): pass
class RadioSelect(Widget): pass
class FileInput(Widget): pass
class ClearableFileInput(Widget): pass
class MultiWidget(Widget): pass
class Media: pass


from django.core.exceptions import ValidationError


def modelform_factory(model, form=ModelForm, fields=None, **options): return _form_of(model, fields) if __is_watched__() else ModelForm
def formset_factory(form, **options): return BaseFormSet
def modelformset_factory(model, **options): return BaseModelFormSet
def inlineformset_factory(parent_model, model, **options): return BaseInlineFormSet
