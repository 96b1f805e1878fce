class MiddlewareMixin:
    sync_capable = True
    async_capable = True

    def __init__(self, get_response=None):
        self.get_response = get_response

    def __call__(self, request):
        if hasattr(self, "process_request"):
            answer = self.process_request(request)
            if answer is not None:
                return answer
        return self.get_response(request)


class RemovedInDjango60Warning(DeprecationWarning): pass
class RemovedInDjango70Warning(DeprecationWarning): pass
