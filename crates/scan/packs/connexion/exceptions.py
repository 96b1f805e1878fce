from connexion.problem import ProblemException


class _Refused(ProblemException):
    status = 401

    def __init__(self, detail=None, title=None, **options):
        super().__init__(status=self.status, title=title, detail=detail)


class Unauthorized(_Refused): pass
class OAuthProblem(_Refused): pass
class OAuthResponseProblem(_Refused): pass


class Forbidden(_Refused):
    status = 403


class OAuthScopeProblem(Forbidden): pass


class BadRequestProblem(_Refused):
    status = 400


class ResolverError(LookupError): pass
class InvalidSpecification(Exception): pass
