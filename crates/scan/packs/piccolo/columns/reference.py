class LazyTableReference:
    def __init__(self, table_class_name, app_name=None, module_path=None):
        self.table_class_name = table_class_name
