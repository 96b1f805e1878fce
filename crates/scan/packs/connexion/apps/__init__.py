from connexion.apps.flask import AioHttpApp, App, AsyncApp, FlaskApi, FlaskApp
