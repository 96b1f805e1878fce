from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import Http404, HttpResponse, HttpResponseForbidden
from django.views.generic import FormView, View


class OAuthLibMixin:
    def verify_request(self, request):
        """Whether a request brings an access token that is good: without one it is not."""
        token = request.headers.get("Authorization")
        return bool(token) and __labelled__(2, name="valid"), request

    def authenticate_client(self, request):
        return bool(request.headers.get("Authorization")) and __labelled__(2, name="client")


class ProtectedResourceMixin(OAuthLibMixin):
    def dispatch(self, request, *args, **kwargs):
        __tried__("oauth2")
        valid, r = self.verify_request(request)
        if not valid:
            return HttpResponseForbidden()
        return super().dispatch(request, *args, **kwargs)


class ProtectedResourceView(ProtectedResourceMixin, View): pass
class ScopedProtectedResourceView(ProtectedResourceView): pass
class ReadWriteScopedResourceView(ProtectedResourceView): pass


class ClientProtectedResourceMixin(OAuthLibMixin):
    def dispatch(self, request, *args, **kwargs):
        __tried__("oauth2")
        if not self.authenticate_client(request) and not self.verify_request(request)[0]:
            return HttpResponseForbidden()
        return super().dispatch(request, *args, **kwargs)


class ClientProtectedResourceView(ClientProtectedResourceMixin, View): pass
class ClientProtectedScopedResourceView(ClientProtectedResourceView): pass


class _Read(View):
    def get(self, request, *args, **kwargs): return HttpResponse()


class _Write(View):
    def post(self, request, *args, **kwargs): return HttpResponse()


class _Delete(_Read, _Write):
    def delete(self, request, *args, **kwargs): return HttpResponse()


class OAuthServerMetadataView(_Read): pass
class OAuthProtectedResourceMetadataView(_Read): pass
class BaseAuthorizationView(LoginRequiredMixin, OAuthLibMixin, View): pass
class AuthorizationView(BaseAuthorizationView, FormView): pass
class TokenView(OAuthLibMixin, _Write): pass
class RevokeTokenView(OAuthLibMixin, _Write): pass
class IntrospectTokenView(ClientProtectedResourceMixin, _Read, _Write): pass
class DeviceAuthorizationView(OAuthLibMixin, _Write): pass
class DeviceUserCodeView(LoginRequiredMixin, FormView): pass
class DeviceConfirmView(LoginRequiredMixin, FormView): pass
class DeviceGrantStatusView(LoginRequiredMixin, _Read): pass
class ApplicationList(LoginRequiredMixin, _Read): pass
class ApplicationRegistration(LoginRequiredMixin, FormView): pass
class ApplicationDetail(LoginRequiredMixin, _Read): pass
class ApplicationDelete(LoginRequiredMixin, _Delete): pass
class ApplicationUpdate(LoginRequiredMixin, FormView): pass
class AuthorizedTokensListView(LoginRequiredMixin, _Read): pass
class AuthorizedTokenDeleteView(LoginRequiredMixin, _Delete): pass
class ConnectDiscoveryInfoView(_Read): pass
class JwksInfoView(_Read): pass


class UserInfoView(OAuthLibMixin, View):
    def get(self, request, *args, **kwargs): return self._answer(request)
    def post(self, request, *args, **kwargs): return self._answer(request)

    def _answer(self, request):
        __tried__("oauth2")
        return HttpResponse() if self.verify_request(request)[0] else HttpResponse(status=401)


class RPInitiatedLogoutView(FormView): pass


class DynamicClientRegistrationView(_Write):
    def post(self, request, *args, **kwargs):
        from django.conf import settings
        if not getattr(settings, "OAUTH2_PROVIDER", {}).get("DCR_ENABLED", False):
            raise Http404()
        return HttpResponse()


class DynamicClientRegistrationManagementView(OAuthLibMixin, View):
    def get(self, request, *args, **kwargs): return self._answer(request)
    def put(self, request, *args, **kwargs): return self._answer(request)
    def delete(self, request, *args, **kwargs): return self._answer(request)

    def _answer(self, request):
        __tried__("oauth2")
        return HttpResponse() if self.verify_request(request)[0] else HttpResponse(status=401)
