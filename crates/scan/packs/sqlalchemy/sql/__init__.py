from sqlalchemy.sql.expression import Delete, Insert, Select, Update, and_, delete, insert, not_, or_, select, update
