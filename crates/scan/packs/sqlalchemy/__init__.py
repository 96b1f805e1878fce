from sqlalchemy.schema import Column, ForeignKey, ForeignKeyConstraint, MetaData, PrimaryKeyConstraint, Table, UniqueConstraint
from sqlalchemy.sql.expression import and_, cast, delete, insert, not_, or_, select, true, update
