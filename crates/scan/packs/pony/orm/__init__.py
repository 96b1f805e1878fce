from pony.orm.core import (
    Database, DataError, Discriminator, IntegrityError, Json, LongStr, MultipleObjectsFoundError, ObjectNotFound, OperationalError,
    Optional, OrmError, PrimaryKey, ProgrammingError, Required, RowNotFound, Set, TransactionIntegrityError, avg, commit, composite_index,
    composite_key, count, db_session, delete, desc, distinct, exists, flush, get, group_concat, left_join, max, min, raw_sql, rollback,
    select, set_sql_debug, show, sql_debug, sum,
)
