from sqlalchemy.sql.expression import Delete, Insert, Select, Update, and_, delete, exists, func, insert, not_, or_, select, text, update
