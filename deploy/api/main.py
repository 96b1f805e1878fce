"""The service behind the gateway in `compose.yaml`: one open endpoint, and one that the policy does not name."""

from fastapi import FastAPI

app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)


@app.get("/health")
def health() -> dict[str, str]:
    return {"status": "ok"}


@app.get("/internal")
def internal() -> dict[str, str]:
    return {"for": "nobody outside: the gateway refuses what its policy does not name"}
