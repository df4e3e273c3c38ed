"""Commands are run as at a terminal: in a folder of their own, with nothing set."""

import logging
from dataclasses import fields

import pytest

from shared.config.settings import Settings
from tests.unit.cli.terminal import Terminal


@pytest.fixture
def terminal(tmp_path, monkeypatch, capsys):
    for one in fields(Settings):
        monkeypatch.delenv(one.metadata["name"], raising=False)
    monkeypatch.chdir(tmp_path)
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield Terminal(tmp_path, monkeypatch, capsys)
    root.handlers[:], root.level = handlers, level
