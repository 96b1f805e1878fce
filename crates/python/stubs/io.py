class BytesIO:
    """Bytes that are read as a file is: they are no name of one."""

    def __init__(self, initial_bytes=b""):
        self._bytes = initial_bytes

    def write(self, data):
        self._bytes = self._bytes + data

    def getvalue(self):
        return self._bytes

    getbuffer = getvalue

    def read(self, size=-1):
        return self._bytes

    def seek(self, position, whence=0): pass
    def tell(self): return __unknown__("a place in a file")
    def truncate(self, size=0): pass
    def close(self): pass
    def flush(self): pass
    def __enter__(self): return self
    def __exit__(self, *error): pass
    def __iter__(self): return __open_list__(__part_of__(self._bytes))


class StringIO:
    """A text that is written piece by piece."""

    def __init__(self, initial_value="", newline=None):
        self._text = initial_value

    def write(self, text):
        self._text = self._text + text

    def writelines(self, lines):
        for line in lines:
            self._text = self._text + line

    def getvalue(self):
        return self._text

    read = getvalue

    def seek(self, position, whence=0): pass
    def truncate(self, size=0): pass
    def close(self): pass
    def flush(self): pass
    def __enter__(self): return self
    def __exit__(self, *error): pass
    def __iter__(self): return __open_list__(__part_of__(self._text))
