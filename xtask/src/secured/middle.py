"""A plugin of pytest: half of the tests have begun when the file is there that `SUITE_MIDDLE` names."""

import os
from pathlib import Path

import pytest

BEGUN: list[str] = []


def pytest_runtest_setup(item: pytest.Item) -> None:
    BEGUN.append(item.nodeid)
    if len(BEGUN) == max(len(item.session.items) // 2, 1):
        Path(os.environ["SUITE_MIDDLE"]).touch()
