"""Packs the documents of the back office."""

import subprocess
from pathlib import Path

from app.core.config import settings


def pack_with_label(label: str) -> Path:
    target = settings.reports_dir / f"documents-{label}.tar.gz"
    subprocess.run(
        f"tar -czf {target} -C {settings.documents_dir} .", shell=True, check=True, timeout=30
    )
    return target


def pack_snapshot(label: str) -> Path:
    target = settings.reports_dir / f"snapshot-{label}.tar.gz"
    subprocess.run(
        ["tar", "-czf", str(target), "-C", str(settings.documents_dir), "."],
        check=True,
        timeout=30,
    )
    return target
