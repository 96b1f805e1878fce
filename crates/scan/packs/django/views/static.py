from django.http import FileResponse


def serve(request, path, document_root=None, show_indexes=False): return FileResponse()
def was_modified_since(header=None, mtime=0): return True
def directory_index(path, fullpath): return __unknown__("a page")
