from flask_mysqldb import MySQL
