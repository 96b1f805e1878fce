class UnmountedType:
    def __init__(self, *args, **options):
        self.of_type = args[0] if args else None
        self.arguments = options


class ObjectType:
    def __init__(self, *args, **values):
        for name, value in values.items():
            setattr(self, name, value)


class Interface(ObjectType): pass
class InputObjectType(UnmountedType): pass


class Mutation(ObjectType):
    @classmethod
    def Field(cls, *args, **options): return Field(cls, **options)


class Scalar(UnmountedType): pass
class String(Scalar): pass
class ID(Scalar): pass
class JSONString(Scalar): pass
class Int(Scalar): pass
class BigInt(Scalar): pass
class Float(Scalar): pass
class Boolean(Scalar): pass
class DateTime(Scalar): pass
class Date(Scalar): pass
class Time(Scalar): pass
class Decimal(Scalar): pass
class UUID(Scalar): pass
class NonNull(UnmountedType): pass
class List(UnmountedType): pass
class Argument(UnmountedType): pass
class Field(UnmountedType): pass
class InputField(UnmountedType): pass
