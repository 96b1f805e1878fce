from piccolo.columns.column_types import Boolean, Secret, Serial, Timestamp, Varchar
from piccolo.table import Table


class BaseUser(Table, tablename="piccolo_user"):
    id = Serial(primary_key=True)
    username = Varchar(unique=True)
    password = Secret()
    first_name = Varchar(null=True)
    last_name = Varchar(null=True)
    email = Varchar(unique=True)
    active = Boolean(default=False)
    admin = Boolean(default=False)
    superuser = Boolean(default=False)
    last_login = Timestamp(null=True)

    @classmethod
    async def login(cls, username, password):
        user = await cls.objects().where(cls.username == username).first()
        return None if user is None else __unknown__("whether the password is right")

    @classmethod
    async def create_user(cls, username, password, **values):
        return await cls.objects().create(username=username, password=password, **values)
