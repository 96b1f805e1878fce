from starlette.datastructures import UploadFile


class File: pass
class ContentFile(File):
    def __init__(self, *args, **options): pass


class UploadedFile(UploadFile):
    @property
    def name(self):
        return __labelled__(16, name="name", given="filename")

    def chunks(self, chunk_size=None):
        return __open_list__(__labelled__(16, name="content", given="content"))
