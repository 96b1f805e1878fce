class SwaggerUIOptions:
    def __init__(self, spec_path=None, swagger_ui=True, swagger_ui_config=None, swagger_ui_path="/ui", swagger_ui_template_dir=None,
                 swagger_ui_template_arguments=None):
        self.spec_path = spec_path
        self.swagger_ui = swagger_ui
        self.swagger_ui_path = swagger_ui_path
