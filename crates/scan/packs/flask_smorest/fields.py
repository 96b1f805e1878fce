from marshmallow.fields import Field


class Upload(Field): _schema = {"type": "string", "format": "binary"}
