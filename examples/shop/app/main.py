"""The application: `uvicorn app.main:app`."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from fastapi import Depends, FastAPI, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.middleware.cors import CORSMiddleware
from fastapi.staticfiles import StaticFiles

from app.api.router import api_router
from app.api.routes import system, v0
from app.core import errors
from app.core.config import settings
from app.core.middleware import RequestIdMiddleware
from app.db import SessionLocal, create_tables
from app.internal import internal_app
from app.partners import partner_app
from app.seed import seed


def prepare_database() -> None:
    create_tables()
    with SessionLocal() as session:
        seed(session)


def note_api_version(response: Response) -> None:
    response.headers["X-Api-Version"] = "1"


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    await run_in_threadpool(prepare_database)
    yield


def create_app() -> FastAPI:
    app = FastAPI(
        title=settings.app_name,
        version="1.4.0",
        lifespan=lifespan,
        dependencies=[Depends(note_api_version)],
    )
    errors.install(app)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=settings.cors_origins,
        allow_credentials=True,
        allow_methods=["*"],
        allow_headers=["*"],
    )
    app.add_middleware(RequestIdMiddleware)

    @app.middleware("http")
    async def add_security_headers(
        request: Request, call_next: Callable[[Request], Awaitable[Response]]
    ) -> Response:
        response = await call_next(request)
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        return response

    app.include_router(system.router)
    app.include_router(api_router, prefix=settings.api_prefix)
    app.include_router(v0.router)
    if settings.debug_routes:
        app.include_router(system.debug_router)

    settings.media_dir.mkdir(parents=True, exist_ok=True)
    app.mount("/media", StaticFiles(directory=settings.media_dir), name="media")
    app.mount("/partner", partner_app)
    app.mount("/internal", internal_app)
    return app


app = create_app()
