from flask import helpers
from flask import abort, flash, redirect, url_for
from flask.helpers import send_file, send_from_directory


async def make_response(*args):
    return helpers.make_response(*args)


def copy_current_websocket_context(f): return f
def has_websocket_context(): return True
