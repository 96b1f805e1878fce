from json import dump, dumps, load, loads

from flask.wrappers import Response


class JSONEncoder: pass
class JSONDecoder: pass


def jsonify(*args, **kwargs):
    return Response(args or kwargs, mimetype="application/json")
