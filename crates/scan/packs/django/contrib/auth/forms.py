from django.forms import Form, ModelForm


class AuthenticationForm(Form): pass
class UserCreationForm(ModelForm): pass
class BaseUserCreationForm(ModelForm): pass
class UserChangeForm(ModelForm): pass
class PasswordResetForm(Form): pass
class SetPasswordForm(Form): pass
class PasswordChangeForm(SetPasswordForm): pass
class AdminPasswordChangeForm(Form): pass
class UsernameField: pass
class ReadOnlyPasswordHashField: pass
