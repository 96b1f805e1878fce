from fastapi.params import Body, Cookie, File, Form, Header, Path, Query

BodyEx, CookieEx, FileEx, FormEx, HeaderEx, PathEx, QueryEx = Body, Cookie, File, Form, Header, Path, Query


def P(**options): return __unknown__("settings of a parameter")
