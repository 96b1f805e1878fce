from djoser.urls.base import urlpatterns
