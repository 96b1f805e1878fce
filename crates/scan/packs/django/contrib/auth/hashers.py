def make_password(password, salt=None, hasher="default"): return __unknown__("a hash")
def check_password(password, encoded, setter=None, preferred="default"): return __labelled__(16, name="check_password")
def is_password_usable(encoded): return __unknown__("whether there is a password")
