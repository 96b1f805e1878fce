from allauth._views import OwnForm
from django.urls import path

urlpatterns = [path("", OwnForm.as_view(), name="usersessions_list")]
