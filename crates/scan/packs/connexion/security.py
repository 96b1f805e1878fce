"""What Connexion asks of a request before an operation, by the document: functions of the program's own that the document names."""

from flask import g

from connexion.exceptions import OAuthResponseProblem, OAuthScopeProblem, Unauthorized
from connexion.resolver import get_function_from_name
from fastapi.security.schemes import APIKeyCookie, APIKeyHeader, APIKeyQuery, HTTPBasic, HTTPBearer, OAuth2

_FUNCTIONS = {"basic": "x-basicInfoFunc", "bearer": "x-bearerInfoFunc", "apiKey": "x-apikeyInfoFunc", "oauth2": "x-tokenInfoFunc"}


class _Checked:
    """A scheme of the document, with the function that is told what a client brought."""

    auto_error = True

    def _begin(self, name, scopes, function, kind):
        self.scheme_name = name
        self.wanted = scopes
        self.function = function
        self.kind = kind

    def __call__(self):
        found = self.found()
        if found is None and self.auto_error:
            raise Unauthorized()
        g._connexion_token_info = found

    def found(self):
        """What the function makes of a credential; none where the request has none."""
        credential = __labelled__(2, None, name="credential")
        if credential is None:
            return None
        names = [name for name, kind, default, annotation in __signature_of__(self.function)]
        more = {"required_scopes": self.wanted} if "required_scopes" in names else {}
        if self.kind == "basic":
            info = self.function(credential, __labelled__(2, None, name="password"), **more)
        else:
            info = self.function(credential, **more)
        if info is None:
            raise OAuthResponseProblem()
        if self.kind == "oauth2":
            for scope in self.wanted:
                if __labelled__(2, None, name="scope") != scope:
                    raise OAuthScopeProblem()
        return info


class _Basic(_Checked, HTTPBasic): pass
class _Bearer(_Checked, HTTPBearer): pass
class _OAuth2(_Checked, OAuth2): pass
class _KeyHeader(_Checked, APIKeyHeader): pass
class _KeyQuery(_Checked, APIKeyQuery): pass
class _KeyCookie(_Checked, APIKeyCookie): pass


class _OneOf:
    """Alternatives of a document: one that is fulfilled suffices, each of them all of its schemes."""

    def __init__(self, alternatives):
        self.alternatives = alternatives

    def __call__(self):
        for alternative in self.alternatives:
            if all(scheme.found() is not None for scheme in alternative):
                return
        raise Unauthorized()


def _kind_of(scheme):
    kind = scheme.get("type")
    if kind == "http":
        return scheme.get("scheme", "").lower()
    if kind == "apiKey" and scheme.get("x-authentication-scheme", "").lower() == "bearer":
        return "bearer"
    return kind


def _scheme(name, declared, scopes):
    """The check of a scheme; none where nothing is named that checks it."""
    kind = _kind_of(declared)
    named = declared.get(_FUNCTIONS.get(kind, ""))
    if kind == "oauth2" and named is None and "x-tokenInfoUrl" in declared:
        function = _remote
    elif named is None:
        return None
    else:
        function = get_function_from_name(named)
    if kind == "basic":
        made = _Basic()
    elif kind == "bearer":
        made = _Bearer()
    elif kind == "oauth2":
        made = _OAuth2()
    else:
        place = {"query": _KeyQuery, "cookie": _KeyCookie}.get(declared.get("in"), _KeyHeader)
        made = place(name=declared.get("name"))
    made._begin(name, scopes or [], function, kind)
    return made


def _remote(token):
    return __labelled__(2, None, name="token_info")


def _hooks(security, schemes):
    """What runs before an operation. An empty alternative admits everybody."""
    if not security or any(not alternative for alternative in security):
        return []
    alternatives = []
    for alternative in security:
        made = [_scheme(name, schemes.get(name, {}), scopes) for name, scopes in alternative.items()]
        if all(one is not None for one in made):
            alternatives.append(made)
    if not alternatives:
        return [__unknown__("a scheme of the document without a function that checks it: Connexion 2 admits everybody, Connexion 3 nobody")]
    if len(alternatives) == 1:
        return alternatives[0]
    each = [scheme for alternative in alternatives for scheme in alternative]
    for scheme in each:
        scheme.auto_error = False
    return each + [_OneOf(alternatives)]
