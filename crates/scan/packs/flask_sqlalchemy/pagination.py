from flask_sqlalchemy import Pagination

QueryPagination = SelectPagination = Pagination
