from allauth._views import Form, OwnForm, OwnPage, Page, Question, any_method


class LoginView(Form): pass
class LogoutView(Question): pass
class AccountInactiveView(Page): pass
class SignupView(Form): pass
class ReauthenticateView(OwnForm): pass
class EmailView(OwnForm): pass
class ConfirmEmailView(Question): pass
class PasswordChangeView(OwnForm): pass
class PasswordSetView(OwnForm): pass
class PasswordResetView(Form): pass
class PasswordResetDoneView(Page): pass
class PasswordResetFromKeyView(Form): pass
class PasswordResetFromKeyDoneView(Page): pass
class RequestLoginCodeView(Form): pass
class ConfirmLoginCodeView(Form): pass


login = LoginView.as_view()
logout = LogoutView.as_view()
account_inactive = AccountInactiveView.as_view()
signup = SignupView.as_view()
signup_by_passkey = SignupView.as_view()
reauthenticate = request_reauthentication_code = confirm_reauthentication_code = ReauthenticateView.as_view()
email = EmailView.as_view()
email_verification_sent = any_method
password_change = PasswordChangeView.as_view()
password_set = PasswordSetView.as_view()
password_reset = PasswordResetView.as_view()
confirm_password_reset_code = complete_password_reset = PasswordResetView.as_view()
password_reset_done = PasswordResetDoneView.as_view()
password_reset_from_key = PasswordResetFromKeyView.as_view()
password_reset_from_key_done = PasswordResetFromKeyDoneView.as_view()
confirm_email = ConfirmEmailView.as_view()
request_login_code = RequestLoginCodeView.as_view()
confirm_login_code = ConfirmLoginCodeView.as_view()
verify_phone = Form.as_view()
change_phone = OwnForm.as_view()
