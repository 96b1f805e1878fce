class BaseParser: pass
class JSONParser(BaseParser): pass
class FormParser(BaseParser): pass
class MultiPartParser(BaseParser): pass
class FileUploadParser(BaseParser): pass
