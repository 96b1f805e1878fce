class SuccessMessageMixin:
    success_message = ""
