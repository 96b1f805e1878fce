from flask import request
from flask.wrappers import Request as ConnexionRequest, Response as ConnexionResponse
