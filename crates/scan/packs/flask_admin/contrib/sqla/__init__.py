from flask_admin.model import BaseModelView


class ModelView(BaseModelView):
    def __init__(self, model, session=None, name=None, category=None, endpoint=None, url=None, **options):
        self.session = session
        super().__init__(model, name, category, endpoint, url)
