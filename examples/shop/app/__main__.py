"""`python -m app` starts the API with the settings of the environment."""

import uvicorn

from app.core.config import settings


def main() -> None:
    uvicorn.run("app.main:app", host=settings.host, port=settings.port)


if __name__ == "__main__":
    main()
