from django.views.generic.detail import DetailView
from django.views.generic.list import ListView


class YearMixin: pass
class MonthMixin: pass
class DayMixin: pass
class WeekMixin: pass
class DateMixin: pass
class ArchiveIndexView(ListView): pass
class YearArchiveView(ListView): pass
class MonthArchiveView(ListView): pass
class WeekArchiveView(ListView): pass
class DayArchiveView(ListView): pass
class TodayArchiveView(ListView): pass
class DateDetailView(DetailView): pass
