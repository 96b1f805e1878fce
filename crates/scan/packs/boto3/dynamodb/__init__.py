"""Tables of DynamoDB."""


class Table:
    def __init__(self, name):
        self.name = name

    def get_item(self, Key=None, **options):
        row = __event__("store", "select", self.name, Key)
        __noted__("one", row)
        return {"Item": row}

    def query(self, KeyConditionExpression=None, **options):
        return {"Items": __open_list__(__event__("store", "select", self.name, _equal(KeyConditionExpression)))}

    def scan(self, FilterExpression=None, **options):
        return {"Items": __open_list__(__event__("store", "select", self.name, _equal(FilterExpression)))}

    def put_item(self, Item=None, **options):
        __event__("store", "insert", self.name, None, Item)
        return {}

    def update_item(self, Key=None, AttributeUpdates=None, **options):
        __event__("store", "update", self.name, Key, AttributeUpdates)
        return {}

    def delete_item(self, Key=None, **options):
        __event__("store", "delete", self.name, Key)
        return {}

    def batch_writer(self, *arguments, **options):
        return self

    def __enter__(self):
        return self


def _equal(condition):
    return condition.equals if isinstance(condition, Condition) else condition


class Condition:
    def __init__(self, equals):
        self.equals = equals

    def __and__(self, other):
        return Condition({**self.equals, **other.equals})


class _Resource:
    def Table(self, name):
        return Table(name)

    def __getattr__(self, name):
        return __unknown__("a service of AWS")


def resource(service, *arguments, **options):
    return _Resource() if service == "dynamodb" else __unknown__("a service of AWS")
