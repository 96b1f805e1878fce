from django.urls import path
from silk import views

app_name = "silk"
_REQUEST = "request/<uuid:request_id>/"
urlpatterns = [
    path("", views.SummaryView.as_view(), name="summary"),
    path("requests/", views.RequestsView.as_view(), name="requests"),
    path(_REQUEST, views.RequestView.as_view(), name="request_detail"),
    path(_REQUEST + "sql/", views.SQLView.as_view(), name="request_sql"),
    path(_REQUEST + "sql/<int:sql_id>/", views.SQLDetailView.as_view(), name="request_sql_detail"),
    path(_REQUEST + "raw/", views.Raw.as_view(), name="raw"),
    path(_REQUEST + "pyprofile/", views.ProfileDownloadView.as_view(), name="request_profile_download"),
    path(_REQUEST + "json/", views.ProfileDotView.as_view(), name="request_profile_dot"),
    path(_REQUEST + "profiling/", views.ProfilingView.as_view(), name="request_profiling"),
    path(_REQUEST + "profile/<int:profile_id>/", views.ProfilingDetailView.as_view(), name="request_profile_detail"),
    path(_REQUEST + "profile/<int:profile_id>/sql/", views.SQLView.as_view(), name="request_and_profile_sql"),
    path(_REQUEST + "profile/<int:profile_id>/sql/<int:sql_id>/", views.SQLDetailView.as_view(), name="request_and_profile_sql_detail"),
    path("profile/<int:profile_id>/", views.ProfilingDetailView.as_view(), name="profile_detail"),
    path("profile/<int:profile_id>/sql/", views.SQLView.as_view(), name="profile_sql"),
    path("profile/<int:profile_id>/sql/<int:sql_id>/", views.SQLDetailView.as_view(), name="profile_sql_detail"),
    path("profiling/", views.ProfilingView.as_view(), name="profiling"),
    path("cleardb/", views.ClearDBView.as_view(), name="cleardb"),
    path(_REQUEST + "cprofile/", views.CProfileView.as_view(), name="cprofile"),
]
