"""Writes the OpenAPI document of the application: `python scripts/export_openapi.py [FILE]`."""

import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from app.main import app  # noqa: E402


def main() -> None:
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "openapi.json"
    document = json.dumps(app.openapi(), indent=2, ensure_ascii=False)
    target.write_text(document + "\n", encoding="utf-8")
    print(f"{target.name}: {len(app.openapi()['paths'])} paths", file=sys.stderr)


if __name__ == "__main__":
    main()
