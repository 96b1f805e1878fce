class _Described:
    def __init__(self, *args, **options): pass


class Info(_Described): pass
class Contact(_Described): pass
class License(_Described): pass
class Parameter(_Described): pass
class Schema(_Described): pass
class Response(_Described): pass
class Items(_Described): pass
class Swagger(_Described): pass


TYPE_OBJECT, TYPE_STRING, TYPE_NUMBER, TYPE_INTEGER, TYPE_BOOLEAN, TYPE_ARRAY, TYPE_FILE = "object", "string", "number", "integer", "boolean", "array", "file"
IN_BODY, IN_PATH, IN_QUERY, IN_FORM, IN_HEADER = "body", "path", "query", "formData", "header"
FORMAT_DATE, FORMAT_DATETIME, FORMAT_EMAIL, FORMAT_UUID, FORMAT_URI, FORMAT_INT32, FORMAT_INT64 = "date", "date-time", "email", "uuid", "uri", "int32", "int64"
