from starlette.datastructures import UploadFile


class File: pass
class ContentFile(File):
    def __init__(self, *args, **options): pass


class UploadedFile(UploadFile): pass
