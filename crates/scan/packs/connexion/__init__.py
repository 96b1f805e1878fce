from connexion.apps import AioHttpApp, App, AsyncApp, FlaskApi, FlaskApp
from connexion.lifecycle import ConnexionRequest, ConnexionResponse, request
from connexion.options import SwaggerUIOptions
from connexion.problem import ProblemException, problem
from connexion.resolver import MethodResolver, MethodViewResolver, RelativeResolver, Resolution, Resolver, RestyResolver
NoContent = None
