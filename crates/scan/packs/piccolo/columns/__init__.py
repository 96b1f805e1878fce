from piccolo.columns.column_types import (
    JSON, JSONB, UUID, Array, BigInt, BigSerial, Boolean, Bytea, Char, Column, Date, Decimal, DoublePrecision, Email, Float, ForeignKey,
    Integer, Interval, Numeric, PrimaryKey, Real, Secret, Serial, SmallInt, Text, Time, Timestamp, Timestamptz, Varchar,
)
from piccolo.columns.reference import LazyTableReference
