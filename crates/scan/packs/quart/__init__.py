from flask import (
    abort, after_this_request, current_app, flash, g, get_flashed_messages, has_app_context, has_request_context, jsonify, json, redirect, request,
    session, stream_with_context, url_for,
)
from markupsafe import Markup, escape
from quart.app import Quart
from quart.blueprints import Blueprint
from quart.helpers import copy_current_websocket_context, has_websocket_context, make_response, send_file, send_from_directory
from quart.templating import render_template, render_template_string
from quart.wrappers import Request, Response, Websocket, websocket
