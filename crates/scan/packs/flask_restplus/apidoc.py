from flask_restx.apidoc import Apidoc, apidoc, ui_for
