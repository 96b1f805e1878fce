from hmac import compare_digest as constant_time_compare


def get_random_string(length, allowed_chars=""): return __unknown__("random text")
def salted_hmac(key_salt, value, secret=None, **options): return __unknown__("a hash")
def pbkdf2(*args, **options): return __unknown__("a hash")
