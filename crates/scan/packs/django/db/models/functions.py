from django.db.models.expressions import Func


class Cast(Func): pass
class Coalesce(Func): pass
class Concat(Func): pass
class Extract(Func): pass
class Greatest(Func): pass
class JSONObject(Func): pass
class Least(Func): pass
class Length(Func): pass
class Lower(Func): pass
class NullIf(Func): pass
class Now(Func): pass
class Replace(Func): pass
class Round(Func): pass
class StrIndex(Func): pass
class Substr(Func): pass
class Trim(Func): pass
class Trunc(Func): pass
class TruncDate(Func): pass
class TruncDay(Func): pass
class TruncHour(Func): pass
class TruncMonth(Func): pass
class TruncWeek(Func): pass
class TruncYear(Func): pass
class ExtractYear(Func): pass
class ExtractMonth(Func): pass
class ExtractDay(Func): pass
class Upper(Func): pass
