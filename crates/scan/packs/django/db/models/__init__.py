from django.core.exceptions import ObjectDoesNotExist
from django.db.models.base import Model, _model_named
from django.db.models.deletion import CASCADE, DO_NOTHING, PROTECT, RESTRICT, SET, SET_DEFAULT, SET_NULL, ProtectedError, RestrictedError
from django.db.models.expressions import (
    Aggregate, Avg, Case, Count, Exists, Expression, ExpressionWrapper, F, Func, Max, Min, OuterRef, Prefetch, Q, StdDev, Subquery,
    Sum, Value, Variance, When, Window, prefetch_related_objects,
)
from django.db.models.fields import *
from django.db.models.indexes import CheckConstraint, Deferrable, Index, UniqueConstraint
from django.db.models.manager import BaseManager, Manager
from django.db.models.query import QuerySet
