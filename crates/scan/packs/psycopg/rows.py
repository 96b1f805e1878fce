dict_row = namedtuple_row = class_row = tuple_row = None
