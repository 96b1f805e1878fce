from django.conf import settings


class _Settings:
    """What `REST_AUTH` says; before version 3 each had a name of its own."""

    @property
    def USE_JWT(self):
        return getattr(settings, "REST_AUTH", {}).get("USE_JWT", getattr(settings, "REST_USE_JWT", False))


api_settings = _Settings()
