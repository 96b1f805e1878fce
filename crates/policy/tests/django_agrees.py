"""Asks Django's own resolver what `examples/router_cases.rs` asked our match, and compares every answer.

Reads the JSON lines of the example from the file that is named, prints what differs, and a closing line with counts.
"""

import json
import re
import sys
from collections import Counter
from urllib.parse import unquote, urlsplit

import django
from django.conf import settings
from django.http import HttpResponse, HttpResponseNotFound
from django.middleware.common import CommonMiddleware
from django.test import RequestFactory
from django.urls import path, re_path
from django.urls.exceptions import Resolver404
from django.urls.resolvers import RegexPattern, URLResolver

DIFFERENCES_SHOWN = 20

settings.configure(ALLOWED_HOSTS=["testserver"], USE_I18N=False)
django.setup()


class View:
    """A view that knows its routes by their methods."""

    def __init__(self):
        self.methods = {}

    def __call__(self, request):
        return HttpResponse()


def erased(route):
    return re.sub(r"\{\w+", "{", route)


def pattern_of(table, route, view):
    """A path of the table, as `path` or where it has an expression of its own as `re_path`."""
    text = unquote(route)
    parameter = r"\{(\w+)(?::(\w+))?\}"
    if not any((found[2] or "") in table["converters"] for found in re.finditer(parameter, text)):
        written = re.sub(parameter, lambda found: f"<{found[2] or 'str'}:{found[1]}>", text)
        return path(written.removeprefix("/"), view)
    own = {
        None: "[^/]+",
        "int": "[0-9]+",
        "slug": "[-a-zA-Z0-9_]+",
        "path": ".+",
        "uuid": "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
    }
    expression, done = "^", 1
    for found in re.finditer(parameter, text):
        known = table["converters"].get(found[2], [own.get(found[2])])[0]
        expression += re.escape(text[done : found.start()]) + f"(?P<{found[1]}>{known})"
        done = found.end()
    return re_path(expression + re.escape(text[done:]) + "$", view)


def resolver_of(table):
    """One view for each path, which knows the methods of all routes with that path, as a class-based view does."""
    views, patterns = {}, []
    for index, (method, route, _) in enumerate(table["routes"]):
        if method == "WS":
            continue
        key = erased(route)
        if key not in views:
            views[key] = View()
            patterns.append(pattern_of(table, route, views[key]))
        views[key].methods.setdefault(method, index)
    return URLResolver(RegexPattern(r"^/"), tuple(patterns))


def asked(table, resolver, method, raw):
    """The answer of Django: the view's route, its 405, or the redirect of `CommonMiddleware`."""
    request = RequestFactory().generic("GET" if method == "WS" else method, "/")
    request.path = request.path_info = unquote(raw)
    request.urlconf = resolver.url_patterns
    try:
        found = resolver.resolve(request.path_info)
    except Resolver404:
        settings.APPEND_SLASH = table["rules"]["slashes"] == "redirect-to-slash"
        response = CommonMiddleware(lambda _: HttpResponseNotFound()).process_response(request, HttpResponseNotFound())
        if response.status_code == 404:
            return {"unknown": True}
        return {"redirect": unquote(urlsplit(response.headers["location"]).path), "status": response.status_code}
    methods = found.func.methods
    if method in methods:
        return {"route": methods[method], "values": found.kwargs}
    if method == "HEAD" and "GET" in methods and table["rules"]["implicit_head"]:
        return {"route": methods["GET"], "values": found.kwargs}
    if method == "OPTIONS" and table["rules"]["implicit_options"]:
        return {"by_framework": set(methods.values())}
    return {"allow": set(methods)}


def agrees(ours, theirs, table, raw):
    if "unclear" in ours:
        # What an expression says about other scripts depends on the reader, refused on purpose.
        return not unquote(raw).isascii()
    if "by_framework" in theirs:
        return ours.get("by_framework", False) and ours["route"] in theirs["by_framework"]
    if "route" in ours:
        values = {name: str(value) for name, value in theirs.get("values", {}).items()}
        given = {name: str(int(text)) if text.isdecimal() else text for name, text in ours["parameters"].items()}
        values = {name: str(int(text)) if text.isdecimal() else text for name, text in values.items()}
        return theirs.get("route") == ours["route"] and values == given
    if "allow" in ours:
        implied = {"HEAD", "OPTIONS"}
        return "allow" in theirs and theirs["allow"] | implied == set(ours["allow"]) | implied
    if "redirect" in ours:
        return {**ours, "redirect": unquote(ours["redirect"])} == theirs
    if "unknown" in ours and raw.startswith("//") and "redirect" in theirs:
        return True  # a redirect to `//host/` would lead away: refused on purpose
    return ours == theirs


def main():
    counts, differences = Counter(), []
    with open(sys.argv[1], encoding="utf-8") as lines:
        for line in lines:
            table = json.loads(line)
            resolver = resolver_of(table)
            for method, raw, ours in table["requests"]:
                if "refused" in ours:
                    counts["refused before the match"] += 1
                    continue
                if method == "WS":
                    continue  # Django's resolver knows none
                counts[next(iter(ours))] += 1
                theirs = asked(table, resolver, method, raw)
                if not agrees(ours, theirs, table, raw):
                    differences.append((table["routes"], table["rules"], method, raw, ours, theirs))
    for difference in differences[:DIFFERENCES_SHOWN]:
        print(*difference, sep="\n  ")
    told = ", ".join(f"{count} {kind}" for kind, count in counts.most_common())
    print(f"{sum(counts.values())} requests ({told}): {len(differences)} answers differ from Django's")
    sys.exit(1 if differences else 0)


main()
