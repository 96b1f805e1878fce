from rest_framework import generics, mixins, views


class ViewSetMixin:
    action = None
    action_map = None
    basename = None
    detail = None
    name = suffix = description = None

    @classmethod
    def as_view(cls, actions=None, **initkwargs):
        view = super().as_view(**initkwargs)
        view.actions = actions

        def made(request, kwargs):
            self = cls(**initkwargs)
            self.action_map = actions
            for method, action in actions.items():
                setattr(self, method, getattr(self, action))
            self.setup(request, **kwargs)
            return self

        view._made = made
        return view

    def initialize_request(self, request, *args, **kwargs):
        self.action = self.action_map.get(request.method.lower()) if self.action_map else None
        return super().initialize_request(request, *args, **kwargs)

    def reverse_action(self, url_name, *args, **kwargs): return __unknown__("an address")

    @classmethod
    def get_extra_actions(cls):
        return [__marked__(getattr(cls, name), "_action") for name in dir(cls) if __marked__(getattr(cls, name), "_action") is not None]

    def get_extra_action_url_map(self): return {}


class ViewSet(ViewSetMixin, views.APIView): pass
class GenericViewSet(ViewSetMixin, generics.GenericAPIView): pass
class ReadOnlyModelViewSet(mixins.RetrieveModelMixin, mixins.ListModelMixin, GenericViewSet): pass


class ModelViewSet(mixins.CreateModelMixin, mixins.RetrieveModelMixin, mixins.UpdateModelMixin, mixins.DestroyModelMixin, mixins.ListModelMixin, GenericViewSet): pass
