from allauth._views import Form, OwnForm, Page


class SignupView(Form): pass
class LoginCancelledView(Page): pass
class LoginErrorView(Page): pass
class ConnectionsView(OwnForm): pass


signup = SignupView.as_view()
login_cancelled = LoginCancelledView.as_view()
login_error = LoginErrorView.as_view()
connections = ConnectionsView.as_view()
