class MarshmallowError(Exception): pass
class RegistryError(NameError): pass
class StringNotCollectionError(MarshmallowError): pass


class ValidationError(MarshmallowError):
    def __init__(self, message="", field_name="_schema", data=None, valid_data=None, **kwargs):
        self.messages = message
        self.field_name = field_name
        self.data = data
        self.valid_data = valid_data
        self.args = (message,)

    def normalized_messages(self): return __unknown__("what is wrong with a value")
