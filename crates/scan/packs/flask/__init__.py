from flask import json
from flask.app import Flask
from flask.blueprints import Blueprint
from flask.config import Config
from flask.globals import app_ctx, current_app, g, request, request_ctx, session
from flask.helpers import (
    abort, after_this_request, copy_current_request_context, flash, get_flashed_messages, get_template_attribute, has_app_context,
    has_request_context, make_response, redirect, render_template, render_template_string, send_file, send_from_directory, stream_template, stream_with_context, url_for,
)
from flask.json import jsonify
from flask.wrappers import Request, Response
from markupsafe import Markup, escape
