class Schema: pass
class EmptySchema(Schema): pass
class FileSchema(Schema): pass
class PaginationSchema(Schema): pass
