"""Asks Werkzeug's own router what `examples/router_cases.rs` asked our match, and compares every answer.

Reads the JSON lines of the example from the file that is named, prints what differs, and a closing line with counts.
"""

import json
import re
import sys
from collections import Counter
from urllib.parse import unquote, urlsplit

from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import Map, RequestRedirect, Rule, WebsocketMismatch

DIFFERENCES_SHOWN = 20


def rule_of(table, index):
    """A route as Flask would add it."""
    method, path, _ = table["routes"][index]

    def parameter(found):
        name, converter = found[1], found[2] or "string"
        converter = table["converters"].get(converter, [None, converter])[1]
        return f"<{converter}:{name}>"

    text = re.sub(r"\{(\w+)(?::(\w+))?\}", parameter, unquote(path))
    if method == "WS":
        return Rule(text, endpoint=index, methods=["GET"], websocket=True)
    methods = {method}
    if table["rules"]["implicit_options"]:
        methods.add("OPTIONS")
    return Rule(text, endpoint=index, methods=methods)


def asked(router, method, raw):
    """The answer of Werkzeug: the rule with its values, or what it raised."""
    adapter = router.bind("testserver", "/", path_info=unquote(raw))
    try:
        verb = "GET" if method == "WS" else method
        rule, values = adapter.match(method=verb, websocket=method == "WS", return_rule=True)
    except RequestRedirect as redirect:
        return {"redirect": unquote(urlsplit(redirect.new_url).path), "status": redirect.code}
    except MethodNotAllowed as refusal:
        return {"allow": set(refusal.valid_methods)}
    except (NotFound, WebsocketMismatch):
        return {"unknown": True}
    return {"route": rule.endpoint, "rule": rule, "values": values}


def same_values(rule, values, parameters):
    """Values as text: what a converter makes of the text of ours."""
    if None in parameters.values():
        return False
    return {name: rule._converters[name].to_python(text) for name, text in parameters.items()} == values


def agrees(ours, theirs, table, method, raw):
    if "route" in ours and "route" in theirs:
        if ours["by_framework"]:
            # No handler runs: which of the rules of a path would answer makes no difference.
            return table["rules"]["implicit_options"] and method == "OPTIONS"
        # A route for OPTIONS beside others on one path may be the same rule or another one.
        paths = [re.sub(r"\{\w+", "{", table["routes"][one["route"]][1]) for one in (ours, theirs)]
        declared = method == "OPTIONS" and paths[0] == paths[1]
        if ours["route"] != theirs["route"]:
            return declared
        return same_values(theirs["rule"], theirs["values"], ours["parameters"])
    if "allow" in ours:
        return "allow" in theirs and theirs["allow"] >= set(ours["allow"]) - {"OPTIONS"} - (
            {"HEAD"} if method == "WS" else set()
        )
    if "redirect" in ours:
        return {**ours, "redirect": unquote(ours["redirect"])} == theirs
    if "unclear" in ours:
        # Digits that only some readers know, refused on purpose.
        return not unquote(raw).isascii()
    if "unknown" in ours and "allow" in theirs:
        # A WebSocket's rule counts as one for GET there, and digits of other scripts count.
        return method == "WS" or theirs["allow"] <= {"GET", "HEAD"} or not unquote(raw).isascii()
    return ours == theirs


def main():
    counts, differences = Counter(), []
    with open(sys.argv[1], encoding="utf-8") as lines:
        for line in lines:
            table = json.loads(line)
            rules = [rule_of(table, index) for index in range(len(table["routes"]))]
            router = Map(
                rules,
                strict_slashes=table["rules"]["slashes"] != "ignored",
                merge_slashes=table["rules"]["merges"],
            )
            for method, raw, ours in table["requests"]:
                if "refused" in ours:
                    counts["refused before the match"] += 1
                    continue
                counts[next(iter(ours))] += 1
                theirs = asked(router, method, raw)
                if not agrees(ours, theirs, table, method, raw):
                    differences.append((table["routes"], table["rules"], method, raw, ours, theirs))
    for difference in differences[:DIFFERENCES_SHOWN]:
        print(*difference, sep="\n  ")
    told = ", ".join(f"{count} {kind}" for kind, count in counts.most_common())
    print(f"{sum(counts.values())} requests ({told}): {len(differences)} answers differ from Werkzeug's")
    sys.exit(1 if differences else 0)


main()
