from typing import Annotated

from fastapi import params as _params


class _Subscripted:
    @classmethod
    def __class_getitem__(cls, key): return Annotated[key, cls()]


class Body(_Subscripted, _params.Body): pass
class Cookie(_Subscripted, _params.Cookie): pass
class File(_Subscripted, _params.File): pass
class Form(_Subscripted, _params.Form): pass
class Header(_Subscripted, _params.Header): pass
class Path(_Subscripted, _params.Path): pass
class Query(_Subscripted, _params.Query): pass


BodyEx, CookieEx, FileEx, FormEx, HeaderEx, PathEx, QueryEx = Body, Cookie, File, Form, Header, Path, Query


def P(**options): return __unknown__("settings of a parameter")
