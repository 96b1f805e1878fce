from flask_sqlalchemy import Query
