"""One endpoint, bare or with what teams put into the process: PyJWT, slowapi, CORS, headers, a log of JSON."""

import json
import logging
import os
import sys
import time

import jwt
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import Response
from slowapi import Limiter
from slowapi.errors import RateLimitExceeded

BODY = json.dumps({"orders": "x" * 1011}, separators=(",", ":")).encode()
IS_SECURED = os.environ.get("SECURED") == "1"
PUBLIC_KEY = load_pem_public_key(open(os.environ["PUBLIC_KEY"], "rb").read())

app = FastAPI(openapi_url=None)


def claims(request: Request) -> dict:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise HTTPException(401)
    try:
        found = jwt.decode(
            token, PUBLIC_KEY, algorithms=["RS256"], issuer="https://id.example", audience="shop"
        )
    except jwt.InvalidTokenError:
        raise HTTPException(401) from None
    if "orders:read" not in found.get("scope", "").split():
        raise HTTPException(403)
    request.state.subject = found["sub"]
    return found


if IS_SECURED:
    log = logging.getLogger("access")
    log.addHandler(logging.StreamHandler(open("/dev/null", "w")))
    log.setLevel(logging.INFO)
    log.propagate = False
    limiter = Limiter(key_func=lambda request: request.state.subject)
    app.state.limiter = limiter
    app.add_middleware(CORSMiddleware, allow_origins=["https://shop.example"])

    @app.exception_handler(RateLimitExceeded)
    async def too_many(request: Request, error: RateLimitExceeded) -> Response:
        return Response(status_code=429)

    @app.middleware("http")
    async def harden(request: Request, call_next):
        began = time.monotonic()
        response = await call_next(request)
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["X-Frame-Options"] = "DENY"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'"
        response.headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
        response.headers["Cross-Origin-Resource-Policy"] = "same-site"
        response.headers["Cache-Control"] = "no-store"
        log.info(
            json.dumps(
                {
                    "method": request.method,
                    "path": request.url.path,
                    "status": response.status_code,
                    "client": request.client.host,
                    "seconds": time.monotonic() - began,
                }
            )
        )
        return response

    @app.get("/orders")
    @limiter.limit("100000000/minute")
    async def orders(request: Request, caller: dict = Depends(claims)) -> Response:
        return Response(BODY, media_type="application/json")

else:

    @app.get("/orders")
    async def orders() -> Response:
        return Response(BODY, media_type="application/json")


if __name__ == "__main__":
    import uvicorn

    host, _, port = sys.argv[1].partition(":")
    uvicorn.run(app, host=host, port=int(port), log_level="critical", access_log=False)
