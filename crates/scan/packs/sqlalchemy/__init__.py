from sqlalchemy.engine import create_engine, create_mock_engine, engine_from_config
from sqlalchemy.schema import CheckConstraint, Column, Computed, ForeignKey, ForeignKeyConstraint, Identity, Index, MetaData, PrimaryKeyConstraint, Sequence, Table, UniqueConstraint
from sqlalchemy.sql.expression import (
    aliased, all_, and_, any_, asc, between, bindparam, case, cast, delete, desc, distinct, except_, exists, false, func, insert, intersect, literal, not_, null,
    nulls_first, nulls_last, nullsfirst, nullslast, or_, select, text, true, tuple_, type_coerce, union, union_all, update,
)
