"""HTTP/2 towards clients, frame by frame: what RFC 9113 asks of a server, what the gateway refuses, and what it does not let
clients do. Frames are made by hand (`hyperframe`, `hpack`); a client of the package `h2` talks to it as clients do.

    python http2_frames.py path/to/doorward
"""

import http.server
import json
import re
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

import h2.config
import h2.connection
import h2.events
from hpack import Decoder, Encoder

PATIENCE_S = 20
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = range(10)
END_STREAM, ACK, END_HEADERS, PADDED, WITH_PRIORITY = 1, 1, 4, 8, 32
NO_ERROR, PROTOCOL, INTERNAL, FLOW, TIMEOUT, CLOSED, SIZE, REFUSED, CANCEL, COMPRESSION, CONNECT, CALM = range(12)


class Origin(http.server.BaseHTTPRequestHandler):
    """The application: it says what it was asked, and answers as the path has it."""

    protocol_version = "HTTP/1.1"
    asked = []

    def handle_any(self):
        body = b""
        if self.headers.get("transfer-encoding"):
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            while self.rfile.readline().strip():
                pass
        elif length := int(self.headers.get("content-length") or 0):
            body = self.rfile.read(length)
        Origin.asked.append((self.command, self.path, list(self.headers.items()), body))
        if self.path == "/slow":
            time.sleep(1)
        answer = b"x" * int(self.path[3:]) if self.path.startswith("/x/") else b"hello"
        head = f"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {len(answer)}\r\n\r\n".encode()
        self.wfile.write(head + (b"" if self.command == "HEAD" else answer))

    do_GET = do_POST = do_PUT = do_HEAD = do_OPTIONS = handle_any

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 1024
    daemon_threads = True

    def handle_error(self, *_):
        pass


class Gateway:
    """A running gateway."""

    def __init__(self, program, origin):
        self.log = tempfile.NamedTemporaryFile(suffix=".jsonl")
        arguments = [program, "--color", "never", "guard", "--upstream", f"http://127.0.0.1:{origin}"]
        arguments += ["--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--log", self.log.name]
        self.process = subprocess.Popen(arguments, stderr=subprocess.PIPE, text=True)
        said = ""
        while "/readyz" not in said:
            line = self.process.stderr.readline()
            assert line, said
            said += line
        self.port = int(re.search(r"guarding on http://127\.0\.0\.1:(\d+)", said)[1])
        self.admin = int(re.search(r"on http://127\.0\.0\.1:(\d+)\n", said)[1])
        threading.Thread(target=self.process.stderr.read, daemon=True).start()

    def metric(self, name):
        with socket.create_connection(("127.0.0.1", self.admin), PATIENCE_S) as stream:
            stream.sendall(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            page = b"".join(iter(lambda: stream.recv(65536), b"")).decode()
        return float(re.search(rf"^doorward_{name} (\S+)$", page, re.M)[1])


class Wire:
    """A connection of which every byte is made here."""

    def __init__(self, port, settings=(), greets=True):
        self.stream = socket.create_connection(("127.0.0.1", port), PATIENCE_S)
        self.stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.read, self.encoder, self.decoder = b"", Encoder(), Decoder()
        self.settings = {}
        if greets:
            self.send(PREFACE)
            self.frame(SETTINGS, 0, 0, b"".join(struct.pack(">HL", *pair) for pair in settings))
            while True:
                kind, flags, _, payload = self.next()
                if kind == SETTINGS and not flags & ACK:
                    pairs = [struct.unpack(">HL", payload[at : at + 6]) for at in range(0, len(payload), 6)]
                    self.settings = dict(pairs)
                    self.frame(SETTINGS, ACK, 0)
                elif kind == SETTINGS:
                    return

    def send(self, data):
        try:
            self.stream.sendall(data)
        except OSError:
            pass

    def frame(self, kind, flags, stream, payload=b"", length=None):
        length = len(payload) if length is None else length
        self.send(struct.pack(">HBBBL", length >> 8, length & 255, kind, flags, stream) + payload)

    def block(self, fields):
        return self.encoder.encode(fields)

    def headers(self, stream, fields=None, flags=END_STREAM | END_HEADERS, more=()):
        self.frame(HEADERS, flags, stream, self.block(list(fields if fields is not None else plain()) + list(more)))

    def next(self):
        """The next frame; nothing where the connection ends."""
        while len(self.read) < 9 or len(self.read) < 9 + int.from_bytes(self.read[:3], "big"):
            try:
                data = self.stream.recv(65536)
            except TimeoutError:
                raise AssertionError(f"nothing came within {PATIENCE_S} s") from None
            except OSError:
                data = b""
            if not data:
                return None
            self.read += data
        length = int.from_bytes(self.read[:3], "big")
        kind, flags, stream = self.read[3], self.read[4], int.from_bytes(self.read[5:9], "big")
        payload, self.read = self.read[9 : 9 + length], self.read[9 + length :]
        return kind, flags, stream, payload

    def error(self, *codes):
        """The stream or the connection ends with one of these, or with the general one, which `h2` says more often than it must;
        or the connection is closed, which says the same."""
        while found := self.next():
            kind, _, stream, payload = found
            if kind == GOAWAY and struct.unpack(">L", payload[4:8])[0] != NO_ERROR or kind == RST_STREAM:
                code = struct.unpack(">L", payload[4:8] if kind == GOAWAY else payload)[0]
                assert code in (PROTOCOL, *codes), f"error {code} on {stream}, not {codes}: {payload!r}"
                if kind == GOAWAY:
                    # RFC 9113 section 5.4.1: it ends the connection, too.
                    self.ends()
                return
            assert kind not in (HEADERS, DATA), f"an answer instead of an error {codes}"

    def answer(self, stream=1):
        """Status, fields and body of an answer."""
        fields, body = [], b""
        while found := self.next():
            kind, flags, of, payload = found
            if kind == HEADERS:
                decoded = self.decoder.decode(payload)
                fields = fields or (decoded if of == stream else [])
            assert kind != GOAWAY, f"the connection ends: {payload!r}"
            assert not (kind == RST_STREAM and of == stream), f"the stream ends: {payload!r}"
            if of == stream and kind == DATA:
                body += payload
                if payload:
                    self.frame(WINDOW_UPDATE, 0, 0, struct.pack(">L", len(payload)))
                    if not flags & END_STREAM:
                        self.frame(WINDOW_UPDATE, 0, stream, struct.pack(">L", len(payload)))
            if of == stream and flags & END_STREAM and kind in (HEADERS, DATA):
                return int(dict(fields)[":status"]), dict(fields), body
        raise AssertionError("the connection ended before an answer")

    def reason(self, stream=1):
        status, _, body = self.answer(stream)
        return status, json.loads(body)["type"].removeprefix("urn:doorward:refusal:")

    def pong(self, data=b"doorward"):
        self.frame(PING, 0, 0, data)
        while found := self.next():
            if found[0] == PING and found[1] & ACK and found[3] == data:
                return
            assert found[0] != GOAWAY, f"the connection ends: {found[3]!r}"
        raise AssertionError("the connection ended before a pong")

    def ends(self):
        """The connection ends."""
        while self.next():
            pass


def plain(method="GET", path="/", authority="shop.example", scheme="http"):
    return [(":method", method), (":scheme", scheme), (":path", path), (":authority", authority)]


def post(path="/"):
    return plain("POST", path)


CASES = []


def case(check):
    CASES.append(check)
    return check


def table(name, *rows):
    """Cases that differ in what is sent: a name, what does it, and the errors that may follow."""
    for what, does, *codes in rows:

        def check(gateway, does=does, codes=codes):
            wire = Wire(gateway.port)
            does(wire)
            wire.error(*codes)

        check.__name__ = f"{name}: {what}"
        CASES.append(check)


# RFC 9113 section 3.4


@case
def a_preface_that_is_none_ends_the_connection(gateway):
    wire = Wire(gateway.port, greets=False)
    wire.send(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\x00")
    wire.ends()
    # What follows must be settings.
    wire = Wire(gateway.port, greets=False)
    wire.send(PREFACE)
    wire.headers(1)
    wire.error(PROTOCOL)


@case
def settings_are_told_and_taken(gateway):
    wire = Wire(gateway.port, settings=[(3, 100), (4, 65535), (0xFFFF, 1)])
    assert wire.settings[3] == 100 and wire.settings[6] == 32768, wire.settings
    wire.headers(1)
    status, fields, body = wire.answer()
    assert (status, body, fields["via"]) == (200, b"hello", "1.1 doorward"), fields


# Sections 4.1, 5.5: what is not known is passed over


@case
def unknown_frames_flags_and_codes_are_passed_over(gateway):
    wire = Wire(gateway.port)
    wire.frame(0x16, 0xFF, 0, b"unknown")
    wire.frame(PING, 0xFE & ~ACK, 0, b"doorward")
    wire.pong()
    wire.frame(PING, 0, 0x80000000, b"reserved")
    wire.pong()
    wire.headers(1, post(), END_HEADERS)
    wire.frame(RST_STREAM, 0, 1, struct.pack(">L", 0xFF))
    wire.frame(0x16, 0, 3, b"")
    wire.headers(5)
    assert wire.answer(5)[0] == 200
    wire.frame(GOAWAY, 0, 0, struct.pack(">LL", 0, 0xFF))


@case
def a_ping_is_answered_and_an_answer_is_not(gateway):
    wire = Wire(gateway.port)
    wire.frame(PING, ACK, 0, b"answered")
    wire.pong(b"question")


@case
def priorities_are_taken(gateway):
    wire = Wire(gateway.port)
    wire.frame(PRIORITY, 0, 3, struct.pack(">LB", 0x80000001, 255))
    wire.frame(HEADERS, END_STREAM | END_HEADERS | WITH_PRIORITY, 1, struct.pack(">LB", 3, 1) + wire.block(plain()))
    assert wire.answer()[0] == 200
    wire.frame(PRIORITY, 0, 1, struct.pack(">LB", 3, 1))
    wire.pong()


@case
def a_frame_of_the_largest_size_is_taken(gateway):
    wire = Wire(gateway.port)
    wire.headers(1, post(), END_HEADERS)
    wire.frame(DATA, END_STREAM, 1, b"a" * 16384)
    assert wire.answer()[0] == 200
    assert Origin.asked[-1][3] == b"a" * 16384


def opened(wire, stream=1):
    wire.headers(stream, post(), END_HEADERS)


def half_closed(wire):
    wire.headers(1, plain(path="/slow"))


def reset(wire):
    opened(wire)
    wire.frame(RST_STREAM, 0, 1, struct.pack(">L", CANCEL))


def then(*steps):
    return lambda wire: [step(wire) for step in steps] and None


def frame(*arguments, **more):
    return lambda wire: wire.frame(*arguments, **more)


def fields(*fields, stream=1, flags=END_STREAM | END_HEADERS):
    return lambda wire: wire.headers(stream, fields, flags)


def more(*fields, method="GET"):
    return lambda wire: wire.headers(1, plain(method) + list(fields))


def unfinished(wire):
    wire.frame(HEADERS, END_STREAM, 1, wire.block(plain()))


def window(stream, count):
    return frame(WINDOW_UPDATE, 0, stream, struct.pack(">L", count))


def setting(number, value):
    return frame(SETTINGS, 0, 0, struct.pack(">HL", number, value))


table(
    "frames that are no frames",
    ("DATA above the size", then(opened, frame(DATA, END_STREAM, 1, b"a" * 16385)), SIZE),
    ("HEADERS above the size", lambda wire: wire.headers(1, more=[("x", "ab" * 17000)]), SIZE),
    ("fields that cannot be decoded", frame(HEADERS, END_STREAM | END_HEADERS, 1, b"\x40"), COMPRESSION),
    ("PRIORITY inside of a block", then(unfinished, frame(PRIORITY, 0, 1, struct.pack(">LB", 0, 1))), PROTOCOL),
    ("HEADERS of another stream inside of a block", then(unfinished, fields(*plain(), stream=3)), PROTOCOL),
    ("an unknown frame inside of a block", then(unfinished, frame(0x16, 0, 0, b"")), PROTOCOL),
    ("DATA inside of a block", then(unfinished, frame(DATA, END_STREAM, 1, b"a")), PROTOCOL),
    ("DATA on stream 0", frame(DATA, 0, 0, b"a"), PROTOCOL),
    ("DATA with more padding than it has", then(opened, frame(DATA, PADDED, 1, b"\x05a")), PROTOCOL),
    ("HEADERS on stream 0", fields(*plain(), stream=0), PROTOCOL),
    ("HEADERS with more padding than it has", frame(HEADERS, PADDED | 5, 1, b"\xff\x82"), PROTOCOL),
    ("PRIORITY on stream 0", frame(PRIORITY, 0, 0, struct.pack(">LB", 1, 1)), PROTOCOL),
    ("PRIORITY of four bytes", then(opened, frame(PRIORITY, 0, 1, b"abcd")), SIZE),
    ("RST_STREAM on stream 0", frame(RST_STREAM, 0, 0, b"\0\0\0\x08"), PROTOCOL),
    ("RST_STREAM of three bytes", then(opened, frame(RST_STREAM, 0, 1, b"abc")), SIZE),
    ("an ACK of settings with a payload", frame(SETTINGS, ACK, 0, b"abcdef"), SIZE),
    ("SETTINGS on a stream", frame(SETTINGS, 0, 1, b"\0\3\0\0\0\1"), PROTOCOL),
    ("SETTINGS of three bytes", frame(SETTINGS, 0, 0, b"abc"), SIZE),
    ("PING on a stream", frame(PING, 0, 1, b"doorward"), PROTOCOL),
    ("PING of six bytes", frame(PING, 0, 0, b"doorwa"), SIZE),
    ("GOAWAY on a stream", frame(GOAWAY, 0, 1, b"\0" * 8), PROTOCOL),
    ("WINDOW_UPDATE of three bytes", frame(WINDOW_UPDATE, 0, 0, b"abc"), SIZE),
    ("CONTINUATION on stream 0", then(unfinished, frame(CONTINUATION, END_HEADERS, 0, b"")), PROTOCOL),
    ("CONTINUATION of nothing", frame(CONTINUATION, END_HEADERS, 1, b"\x82"), PROTOCOL),
    ("CONTINUATION behind a whole block", then(opened, frame(CONTINUATION, END_HEADERS, 1, b"\x82")), PROTOCOL),
    ("PUSH_PROMISE of a client", then(opened, frame(PUSH_PROMISE, END_HEADERS, 1, b"\0\0\0\2\x82")), PROTOCOL),
)

table(
    "settings that nobody may have",
    ("push that is neither on nor off", setting(2, 2), PROTOCOL),
    ("a window above the bound", setting(4, 2**31), FLOW),
    ("frames below the bound", setting(5, 16383), PROTOCOL),
    ("frames above the bound", setting(5, 2**24), PROTOCOL),
)

table(
    "windows",
    ("of the connection by 0", window(0, 0), PROTOCOL),
    ("of a stream by 0", then(opened, window(1, 0)), PROTOCOL),
    ("of the connection above the bound", then(window(0, 2**31 - 1), window(0, 2**31 - 1)), FLOW),
    ("of a stream above the bound", then(opened, window(1, 2**31 - 1), window(1, 2**31 - 1)), FLOW),
    ("of a stream above the bound by a setting", then(opened, window(1, 2**31 - 65537), setting(4, 65537)), FLOW),
)

table(
    "streams in the wrong state",
    ("DATA on an idle one", frame(DATA, END_STREAM, 1, b"a"), PROTOCOL),
    ("RST_STREAM on an idle one", frame(RST_STREAM, 0, 1, b"\0\0\0\x08"), PROTOCOL),
    ("WINDOW_UPDATE on an idle one", window(1, 100), PROTOCOL),
    ("CONTINUATION on an idle one", frame(CONTINUATION, END_HEADERS, 1, b"\x82"), PROTOCOL),
    ("DATA on one that its client ended", then(half_closed, frame(DATA, END_STREAM, 1, b"a")), CLOSED),
    ("HEADERS on one that its client ended", then(half_closed, half_closed), CLOSED, PROTOCOL),
    ("CONTINUATION on one that its client ended", then(half_closed, frame(CONTINUATION, 4, 1, b"\x82")), CLOSED, PROTOCOL),
    ("DATA on one that was reset", then(reset, frame(DATA, END_STREAM, 1, b"a")), CLOSED),
    ("HEADERS on one that was reset", then(reset, fields(*plain())), CLOSED, PROTOCOL),
    ("CONTINUATION on one that was reset", then(reset, frame(CONTINUATION, 4, 1, b"\x82")), CLOSED, PROTOCOL),
    ("an even number", fields(*plain(), stream=2), PROTOCOL),
    ("a smaller number", then(lambda wire: opened(wire, 5), lambda wire: opened(wire, 3)), PROTOCOL, CLOSED),
    (
        "HEADERS that depend on themselves",
        lambda wire: wire.frame(HEADERS, 5 | WITH_PRIORITY, 1, struct.pack(">LB", 1, 1) + wire.block(plain())),
        PROTOCOL,
    ),
    ("PRIORITY that depends on itself", then(opened, frame(PRIORITY, 0, 1, struct.pack(">LB", 1, 1))), PROTOCOL),
    ("HEADERS behind the body that do not end it", then(opened, fields(("x", "y"), flags=END_HEADERS)), PROTOCOL),
)

table(
    "requests that are none",
    ("a name in capitals", more(("X-Name", "a")), PROTOCOL),
    ("an unknown pseudo-field", more((":unknown", "a")), PROTOCOL),
    ("a pseudo-field of answers", more((":status", "200")), PROTOCOL),
    ("a pseudo-field behind a field", fields(("x", "y"), *plain()), PROTOCOL),
    ("a pseudo-field behind the body", then(opened, fields((":method", "GET"))), PROTOCOL),
    ("connection", more(("connection", "keep-alive")), PROTOCOL),
    ("transfer-encoding", more(("transfer-encoding", "chunked")), PROTOCOL),
    ("upgrade", more(("upgrade", "websocket")), PROTOCOL),
    ("keep-alive", more(("keep-alive", "5")), PROTOCOL),
    ("proxy-connection", more(("proxy-connection", "close")), PROTOCOL),
    ("te that is not trailers", more(("te", "trailers, deflate")), PROTOCOL),
    ("an empty path", fields(*plain(path="")), PROTOCOL),
    ("no method", fields(*plain()[1:]), PROTOCOL),
    ("no scheme", fields(plain()[0], *plain()[2:]), PROTOCOL),
    ("no path", fields(*plain()[:2], plain()[3]), PROTOCOL),
    ("two methods", fields(plain()[0], *plain()), PROTOCOL),
    ("two schemes", fields(plain()[1], *plain()), PROTOCOL),
    ("two paths", fields(plain()[2], *plain()), PROTOCOL),
    ("two authorities", fields(plain()[3], *plain()), PROTOCOL),
    ("a NUL in a value", more(("x", "a\0b")), PROTOCOL),
    ("a line feed in a value", more(("x", "a\r\nb: c")), PROTOCOL),
    ("a protocol to CONNECT to", fields((":method", "CONNECT"), (":protocol", "websocket"), *plain()[1:]), PROTOCOL),
    (
        "a longer body than it says",
        then(lambda wire: wire.headers(1, post(), END_HEADERS, [("content-length", "1")]), frame(DATA, END_STREAM, 1, b"ab")),
        PROTOCOL,
    ),
    (
        "a shorter body than it says",
        then(lambda wire: wire.headers(1, post(), END_HEADERS, [("content-length", "3")]), frame(DATA, END_STREAM, 1, b"ab")),
        PROTOCOL,
    ),
    ("no body where it says one", lambda wire: wire.headers(1, post(), more=[("content-length", "3")]), PROTOCOL),
)

table(
    "fields that are not packed as they must be",
    ("index 0", frame(HEADERS, 5, 1, b"\x80"), COMPRESSION),
    ("an index that nothing has", frame(HEADERS, 5, 1, b"\xff\x80\x01"), COMPRESSION),
    ("a new size of the table behind a field", frame(HEADERS, 5, 1, b"\x82\x20"), COMPRESSION),
    ("a table above the setting", frame(HEADERS, 5, 1, b"\x3f\xe2\x1f\x82"), COMPRESSION),
    ("a text that ends early", frame(HEADERS, 5, 1, b"\x82\x87\x44\x7fab"), COMPRESSION),
    ("padding of eight bits", frame(HEADERS, 5, 1, b"\x82\x87\x44\x82\x63\xff\xff"), COMPRESSION, PROTOCOL),
    ("padding that is not of ones", frame(HEADERS, 5, 1, b"\x82\x87\x44\x81\x60"), COMPRESSION),
    ("the end of a text inside of it", frame(HEADERS, 5, 1, b"\x82\x87\x44\x84\xff\xff\xff\xff"), COMPRESSION),
)


@case
def a_block_in_many_parts_is_whole(gateway):
    wire = Wire(gateway.port)
    block = wire.block(plain(path="/parts") + [("x", "y" * 50)])
    wire.frame(HEADERS, END_STREAM, 1, block[:1])
    for at in range(1, 5):
        wire.frame(CONTINUATION, 0, 1, block[at : at + 1])
    wire.frame(CONTINUATION, END_HEADERS, 1, block[5:])
    assert wire.answer()[0] == 200 and Origin.asked[-1][1] == "/parts"


@case
def an_answer_keeps_to_the_window(gateway):
    wire = Wire(gateway.port, settings=[(4, 1)])
    wire.headers(1)
    kind, _, _, payload = [wire.next(), wire.next()][-1]
    while kind != DATA:
        kind, _, _, payload = wire.next()
    assert payload == b"h"
    wire.frame(SETTINGS, 0, 0, struct.pack(">HL", 4, 0))
    window(1, 2)(wire)
    found = wire.next()
    while found[0] != DATA:
        found = wire.next()
    assert found[3] == b"e", "one byte was owed"
    wire.frame(SETTINGS, 0, 0, struct.pack(">HL", 4, 65535))
    status, rest = None, b""
    while found := wire.next():
        if found[0] == DATA:
            rest += found[3]
            if found[1] & END_STREAM:
                break
    assert rest == b"llo", rest


@case
def streams_above_the_bound_are_refused_and_the_others_served(gateway):
    wire = Wire(gateway.port)
    for index in range(101):
        opened(wire, 2 * index + 1)
    wire.error(REFUSED, PROTOCOL)
    wire.frame(DATA, END_STREAM, 1, b"")
    assert wire.answer(1)[0] == 200


# What the gateway makes of a request


@case
def a_request_arrives_as_one_of_http1(gateway):
    wire = Wire(gateway.port)
    crumbs = [("cookie", "a=b"), ("cookie", "c=d"), ("te", "trailers"), ("x-forwarded-for", "6.6.6.6"), ("expect", "100-continue")]
    wire.headers(1, post("/a;b/%7e?c=%2F"), END_HEADERS, crumbs)
    wire.frame(DATA, PADDED, 1, b"\x03abc\0\0\0")
    wire.headers(1, [("x-sum", "7")])
    status, fields, _ = wire.answer()
    assert status == 200 and "connection" not in fields, fields
    method, path, headers, body = Origin.asked[-1]
    assert (method, path, body) == ("POST", "/a;b/%7e?c=%2F", b"abc")
    headers = [(name.lower(), value) for name, value in headers]
    expected = [("host", "shop.example"), ("cookie", "a=b; c=d"), ("x-forwarded-for", "127.0.0.1"), ("via", "2 doorward")]
    for field in expected:
        assert [one for one in headers if one[0] == field[0]] == [field], headers


@case
def what_can_be_read_in_two_ways_is_refused_with_its_reason(gateway):
    for fields, expected in [
        (plain() + [("x_user", "a")], (400, "look-alike-field")),
        (plain() + [("host", "other.example")], (400, "other-authority")),
        (plain()[:3], (400, "no-host")),
        (plain(authority="a,b"), (400, "host-not-valid")),
        (plain(path="/a%2fb"), (400, "encoded-slash")),
        (plain(path="/a/../b"), (400, "path-not-clear")),
        (plain(path="*"), (400, "target-form")),
        (plain("TRACE"), (400, "target-form")),
        (plain("WS"), (400, "request-line")),
        (plain() + [("content-type", "a/b"), ("content-type", "a/c")], (400, "repeated-field")),
        (plain() + [("authorization", "a"), ("authorization", "b")], (400, "repeated-field")),
        (plain() + [("content-length", "0"), ("content-length", "0")], (400, "two-lengths")),
        (plain() + [("x", " a")], (400, "field-value")),
        (plain() + [("cookie", "a =b")], (400, "field-value")),
        (plain() + [("expect", "tea")], (417, "expectation")),
        (plain() + [(f"x-{index}", "a") for index in range(101)], (431, "too-many-fields")),
        (plain(path="/" + "a" * 8192), (414, "target-too-long")),
    ]:
        count = len(Origin.asked)
        wire = Wire(gateway.port)
        wire.headers(1, fields)
        found = wire.reason()
        assert found == expected, f"{fields}: {found}, not {expected}"
        assert len(Origin.asked) == count, fields
        # The connection serves on.
        wire.headers(3)
        assert wire.answer(3)[0] == 200


@case
def a_host_beside_the_same_authority_is_one_host(gateway):
    wire = Wire(gateway.port)
    wire.headers(1, more=[("host", "shop.example")])
    assert wire.answer()[0] == 200
    hosts = [value for name, value in Origin.asked[-1][2] if name.lower() == "host"]
    assert hosts == ["shop.example"]


@case
def a_list_of_fields_at_the_bound_passes_and_one_past_it_does_not(gateway):
    def status(size):
        wire = Wire(gateway.port)
        # As RFC 9113 section 6.5.2 counts: 32 bytes for each field.
        used = sum(len(name) + len(value) + 32 for name, value in plain())
        block = wire.block(plain() + [("x", "a" * (size - used - 33))])
        wire.frame(HEADERS, END_STREAM, 1, block[:16384])
        wire.frame(CONTINUATION, END_HEADERS, 1, block[16384:])
        return wire.answer()[0]

    # `h2` counts the bound itself as too large.
    found = (status(32767), status(32768))
    assert found == (200, 431), found


@case
def a_body_that_says_more_than_the_bound_is_refused_at_once(gateway):
    wire = Wire(gateway.port)
    wire.headers(1, post(), END_HEADERS, [("content-length", str(128 * 1024 * 1024 + 1))])
    assert wire.reason() == (413, "body-too-large")


@case
def a_large_answer_and_a_large_request_pass(gateway):
    config = h2.config.H2Configuration(client_side=True)
    client = h2.connection.H2Connection(config)
    stream = socket.create_connection(("127.0.0.1", gateway.port), PATIENCE_S)
    client.initiate_connection()
    client.send_headers(1, plain("POST", "/x/1000000"))
    left, got = b"a" * 500_000, 0
    while True:
        while left and (count := min(client.local_flow_control_window(1), 16384, len(left))):
            client.send_data(1, left[:count], end_stream=count == len(left))
            left = left[count:]
        stream.sendall(client.data_to_send())
        events = client.receive_data(stream.recv(65536))
        for event in events:
            if isinstance(event, h2.events.DataReceived):
                got += len(event.data)
                client.acknowledge_received_data(event.flow_controlled_length, 1)
            if isinstance(event, h2.events.StreamEnded):
                assert (got, len(Origin.asked[-1][3])) == (1_000_000, 500_000)
                return
            assert not isinstance(event, (h2.events.StreamReset, h2.events.ConnectionTerminated)), event


# Floods: the connection ends, and others are served


def floods(gateway, what, settings=()):
    before = gateway.metric("connections_flooded_total")
    wire = Wire(gateway.port, settings)
    what(wire)
    wire.ends()
    other = Wire(gateway.port)
    other.headers(1)
    assert other.answer()[0] == 200
    return gateway.metric("connections_flooded_total") - before


def many(count, *one):
    """So many of a frame, in one piece."""

    def send(wire):
        opened(wire)
        kind, flags, stream, payload = one
        head = struct.pack(">HBBBL", len(payload) >> 8, len(payload) & 255, kind, flags, stream)
        for _ in range(count // 100):
            wire.send((head + payload) * 100)

    return send


@case
def frames_that_carry_nothing_end_the_connection(gateway):
    for name, one in {
        "pings": (PING, 0, 0, b"doorward"),
        "settings": (SETTINGS, 0, 0, b""),
        "priorities": (PRIORITY, 0, 1, struct.pack(">LB", 3, 1)),
        "windows": (WINDOW_UPDATE, 0, 0, struct.pack(">L", 1)),
        "empty data": (DATA, 0, 1, b""),
        "unknown": (0x16, 0, 0, b""),
    }.items():
        assert floods(gateway, many(2000, *one)) == 1, name


@case
def so_much_empty_data_passes_and_one_more_ends_the_connection(gateway):
    # As it is, and with nothing but padding.
    for flags, payload in [(0, b""), (PADDED, b"\x03abc")]:
        before = gateway.metric("connections_flooded_total")
        wire = Wire(gateway.port)
        opened(wire)
        for _ in range(100):
            wire.frame(DATA, flags, 1, payload)
        wire.pong()
        wire.frame(DATA, flags, 1, payload)
        wire.ends()
        assert gateway.metric("connections_flooded_total") == before + 1, payload


@case
def so_many_pings_are_answered_as_the_bound_has(gateway):
    wire = Wire(gateway.port)
    for index in range(900):
        wire.frame(PING, 0, 0, struct.pack(">Q", index))
    wire.pong()


@case
def streams_that_are_reset_at_once_end_the_connection(gateway):
    def resets(wire):
        block = wire.block(plain(path="/slow"))
        wire.send(struct.pack(">HBBBL", len(block) >> 8, len(block) & 255, HEADERS, 5, 1) + block)
        # The same again is one byte for each field.
        for index in range(1, 2000):
            stream = 2 * index + 1
            block = wire.block(plain(path="/slow"))
            head = struct.pack(">HBBBL", len(block) >> 8, len(block) & 255, HEADERS, 5, stream)
            wire.send(head + block + struct.pack(">HBBBLL", 0, 4, RST_STREAM, 0, stream, CANCEL))

    floods(gateway, resets)

    def slowly(wire):
        """Each is taken before it is reset."""
        for index in range(300):
            wire.headers(2 * index + 1, plain(path="/slow"))
            try:
                wire.pong()
            except AssertionError:
                assert index > 190, f"ended at {index}"
                return
            wire.frame(RST_STREAM, 0, 2 * index + 1, struct.pack(">L", CANCEL))

    assert floods(gateway, slowly) == 1


@case
def a_block_that_does_not_end_ends_the_connection(gateway):
    def blocks(wire):
        wire.frame(HEADERS, END_STREAM, 1, wire.block(plain()))
        for _ in range(2000):
            wire.frame(CONTINUATION, 0, 1, b"\x00\x01x\x01y" * 100)

    floods(gateway, blocks)

    def empty(wire):
        wire.frame(HEADERS, END_STREAM, 1, wire.block(plain()))
        for _ in range(20):
            wire.send(struct.pack(">HBBBL", 0, 0, CONTINUATION, 0, 1) * 1000)

    floods(gateway, empty)


@case
def fields_that_unpack_to_more_than_the_bound_are_refused(gateway):
    wire = Wire(gateway.port)
    block = wire.block(plain() + [("bomb", "a" * 4000)])
    name = len(wire.block([("bomb", "a" * 4000)]))
    assert name < 3, "it stands in the table"
    wire.frame(HEADERS, END_STREAM | END_HEADERS, 1, block + wire.block([("bomb", "a" * 4000)]) * 4000)
    wire.error(CALM)
    wire = Wire(gateway.port)
    block = wire.block(plain() + [("bomb", "a" * 4000)])
    wire.frame(HEADERS, END_STREAM | END_HEADERS, 1, block + wire.block([("bomb", "a" * 4000)]) * 10)
    assert wire.answer()[0] == 431
    wire.pong()


@case
def malformed_requests_without_end_end_the_connection(gateway):
    def requests(wire):
        for index in range(500):
            wire.headers(2 * index + 1, more=[("connection", "close")])

    floods(gateway, requests)


def stopped(gateway):
    """A gateway that stops says so, and what is under way ends."""
    wire, idle = Wire(gateway.port), Wire(gateway.port)
    wire.headers(1, plain(path="/slow"))
    wire.pong()
    gateway.process.send_signal(signal.SIGTERM)
    kinds, ended = set(), False
    while found := wire.next():
        kind, flags, stream, payload = found
        kinds.add(kind)
        if kind == PING and not flags & ACK:
            wire.frame(PING, ACK, 0, payload)
        ended |= stream == 1 and bool(flags & END_STREAM)
    assert ended and GOAWAY in kinds, kinds
    while found := idle.next():
        kinds.add(found[0])
    assert gateway.process.wait(PATIENCE_S) == 0


def main():
    origin = Server(("127.0.0.1", 0), Origin)
    threading.Thread(target=origin.serve_forever, daemon=True).start()
    gateway = Gateway(sys.argv[1], origin.server_address[1])
    failed = []
    try:
        for check in CASES + [stopped]:
            try:
                check(gateway)
            except Exception as error:  # what is wrong is told, and the others are asked all the same
                failed.append(f"{check.__name__}: {type(error).__name__}: {error}")
    finally:
        gateway.process.kill()
    print(f"{len(CASES) + 1 - len(failed)} of {len(CASES) + 1} cases hold")
    for line in failed:
        print(f"  {line}")
    sys.exit(bool(failed))


main()
