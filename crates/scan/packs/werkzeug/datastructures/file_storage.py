from starlette.datastructures import UploadFile


class FileStorage(UploadFile):
    """A file of a form: whoever sends it chose its name and its type."""

    name = None

    @property
    def mimetype(self):
        return __labelled__(16, name="mimetype", given="filename")

    @property
    def content_length(self):
        return __unknown__("a number of bytes")

    @property
    def stream(self):
        return __labelled__(16, name="stream", given="content")

    def save(self, dst, buffer_size=16384):
        if __is_watched__():
            open(dst).write(self.stream)
