"""Asks Starlette's own router what `examples/router_cases.rs` asked our match, and compares every answer.

Reads the JSON lines of the example from the file that is named, prints what differs, and a closing line with counts.
"""

import asyncio
import json
import sys
from collections import Counter
from urllib.parse import unquote, urlsplit

from starlette.routing import Route, Router, WebSocketRoute

DIFFERENCES_SHOWN = 20


class Answer:
    """An endpoint that says which route it belongs to."""

    def __init__(self, index):
        self.index = index

    async def __call__(self, scope, receive, send):
        scope["answered"].append(self.index)


def routes_of(table):
    routes = []
    for index, (method, path, _) in enumerate(table["routes"]):
        if method == "WS":
            routes.append(WebSocketRoute(path, Answer(index)))
            continue
        route = Route(path, Answer(index), methods=[method])
        if not table["rules"]["implicit_head"] and method != "HEAD":
            route.methods.discard("HEAD")
        routes.append(route)
    return routes


def asked(router, method, raw):
    """The answer of Starlette: the route, or the status with its headers."""
    sent = []

    async def send(message):
        sent.append(message)

    async def receive():
        return {"type": "http.request"}

    kind = "websocket" if method == "WS" else "http"
    scope = {
        "type": kind,
        "method": method,
        "path": unquote(raw),  # what uvicorn makes of the target
        "raw_path": raw.encode(),
        "query_string": b"",
        "headers": [(b"host", b"testserver")],
        "server": ("testserver", 80),
        "scheme": "http",
        "answered": [],
    }
    asyncio.run(router(scope, receive, send))
    if scope["answered"]:
        return {"route": scope["answered"][0]}
    start = sent[0]
    if start["type"] == "websocket.close":
        return {"unknown": True}
    headers = {name.decode(): value.decode() for name, value in start["headers"]}
    match start["status"]:
        case 405:
            return {"allow": set(headers["allow"].split(", "))}
        case 307:
            return {"redirect": unquote(urlsplit(headers["location"]).path), "status": 307}
        case 404:
            return {"unknown": True}
    return {"status": start["status"]}


def agrees(ours, theirs, routes, raw):
    if "route" in ours:
        if theirs.get("route") != ours["route"]:
            return False
        return routes[ours["route"]].path_regex.match(unquote(raw)).groupdict() == ours["parameters"]
    if "allow" in ours:
        # Starlette names the methods of the first route alone, we name all that the path has.
        return "allow" in theirs and theirs["allow"] <= set(ours["allow"])
    if "redirect" in ours:
        # Starlette quotes the decoded path without its `%` and `?`: compared where that loses nothing.
        plain = not set("%?#") & set(unquote(raw))
        same = unquote(ours["redirect"]) == theirs.get("redirect")
        return "redirect" in theirs and (same or not plain)
    if "unknown" in ours and raw.startswith("//") and "redirect" in theirs:
        return True  # a redirect to `//host/` would lead away: refused on purpose
    return ours == theirs


def main():
    counts, differences = Counter(), []
    with open(sys.argv[1], encoding="utf-8") as lines:
        for line in lines:
            table = json.loads(line)
            routes = routes_of(table)
            router = Router(routes, redirect_slashes=table["rules"]["slashes"] == "redirect")
            for method, raw, ours in table["requests"]:
                if "refused" in ours:
                    counts["refused before the match"] += 1
                    continue
                counts[next(iter(ours))] += 1
                theirs = asked(router, method, raw)
                if not agrees(ours, theirs, routes, raw):
                    differences.append((table["routes"], table["rules"]["slashes"] == "redirect", method, raw, ours, theirs))
    for difference in differences[:DIFFERENCES_SHOWN]:
        print(*difference, sep="\n  ")
    told = ", ".join(f"{count} {kind}" for kind, count in counts.most_common())
    print(f"{sum(counts.values())} requests ({told}): {len(differences)} answers differ from Starlette's")
    sys.exit(1 if differences else 0)


main()
