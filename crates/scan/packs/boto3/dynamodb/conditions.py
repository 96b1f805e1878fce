from boto3.dynamodb import Condition


class Key:
    def __init__(self, name):
        self.name = name

    def eq(self, value):
        return Condition({self.name: value})

    def _other(self, *values):
        return Condition({})

    begins_with = between = gt = gte = lt = lte = _other


Attr = Key
