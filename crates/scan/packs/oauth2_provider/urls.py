from django.urls import path, re_path
from oauth2_provider import views

app_name = "oauth2_provider"
_CLIENT = "<slug:client_id>/<slug:user_code>"

metadata_urlpatterns = [
    path(".well-known/oauth-authorization-server", views.OAuthServerMetadataView.as_view()),
    path(".well-known/oauth-authorization-server/<path:issuer_path>", views.OAuthServerMetadataView.as_view()),
    path(".well-known/oauth-protected-resource", views.OAuthProtectedResourceMetadataView.as_view()),
    path(".well-known/oauth-protected-resource/<path:resource_path>", views.OAuthProtectedResourceMetadataView.as_view()),
]
base_urlpatterns = [
    path("authorize/", views.AuthorizationView.as_view(), name="authorize"),
    path("token/", views.TokenView.as_view(), name="token"),
    path("revoke_token/", views.RevokeTokenView.as_view(), name="revoke-token"),
    path("introspect/", views.IntrospectTokenView.as_view(), name="introspect"),
    path("device-authorization/", views.DeviceAuthorizationView.as_view(), name="device-authorization"),
    path("device/", views.DeviceUserCodeView.as_view(), name="device"),
    path("device-confirm/" + _CLIENT, views.DeviceConfirmView.as_view(), name="device-confirm"),
    path("device-grant-status/" + _CLIENT, views.DeviceGrantStatusView.as_view(), name="device-grant-status"),
]
management_urlpatterns = [
    path("applications/", views.ApplicationList.as_view(), name="list"),
    path("applications/register/", views.ApplicationRegistration.as_view(), name="register"),
    path("applications/<slug:pk>/", views.ApplicationDetail.as_view(), name="detail"),
    path("applications/<slug:pk>/delete/", views.ApplicationDelete.as_view(), name="delete"),
    path("applications/<slug:pk>/update/", views.ApplicationUpdate.as_view(), name="update"),
    path("authorized_tokens/", views.AuthorizedTokensListView.as_view(), name="authorized-token-list"),
    path("authorized_tokens/<slug:pk>/delete/", views.AuthorizedTokenDeleteView.as_view(), name="authorized-token-delete"),
]
oidc_urlpatterns = [
    re_path(r"^\.well-known/openid-configuration/?$", views.ConnectDiscoveryInfoView.as_view(), name="oidc-connect-discovery-info"),
    path(".well-known/jwks.json", views.JwksInfoView.as_view(), name="jwks-info"),
    path("userinfo/", views.UserInfoView.as_view(), name="user-info"),
    path("logout/", views.RPInitiatedLogoutView.as_view(), name="rp-initiated-logout"),
]
dcr_urlpatterns = [
    path("register/", views.DynamicClientRegistrationView.as_view(), name="dcr-register"),
    path("register/<str:client_id>/", views.DynamicClientRegistrationManagementView.as_view(), name="dcr-register-management"),
]
urlpatterns = metadata_urlpatterns + base_urlpatterns + management_urlpatterns + oidc_urlpatterns + dcr_urlpatterns
