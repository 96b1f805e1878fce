from sqlalchemy.sql.expression import select
