ALL = (None,)
UNSAFE = ["DELETE", "PATCH", "POST", "PUT"]
