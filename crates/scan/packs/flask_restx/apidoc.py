from flask import Blueprint


class Apidoc(Blueprint):
    pass


apidoc = Apidoc("restx_doc", __name__, template_folder="templates", static_folder="static", static_url_path="/swaggerui")


def ui_for(api):
    return __unknown__("a page")
