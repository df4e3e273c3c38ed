"""A terminal in a folder of its own: runs commands by `main`, and opens the same installation for a test."""

import asyncio
import os
from dataclasses import dataclass
from pathlib import Path

from shared import bootstrap
from shared.cli.__main__ import main
from shared.config.settings import read_settings


@dataclass
class Said:
    """What a command came to."""

    code: int
    out: str
    err: str

    @property
    def words(self):
        """What was printed, without the lines it was broken into."""
        return " ".join(self.out.split())

    @property
    def complaint(self):
        return " ".join(self.err.split())


class Terminal:
    """The terminal; `variables` exports, in it."""

    def __init__(self, folder, variables, capsys):
        self.folder = folder
        self.variables = variables
        self._capsys = capsys

    def run(self, *argv):
        self._capsys.readouterr()
        try:
            code = main(argv)
        except SystemExit as end:  # argparse leaves so
            code = int(end.code or 0)
        said = self._capsys.readouterr()
        return Said(code, said.out, said.err)

    async def run_beside(self, *argv):
        """Run it while the test's loop goes on serving."""
        return await asyncio.to_thread(self.run, *argv)

    def new(self, desk="corner-bakery", *more):
        """The file of a new desk."""
        assert 0 == self.run("new", desk, *more).code
        return next(Path("configs").glob(f"*/{desk}.yaml"))

    def within(self, work):
        """What `work`, given this installation, comes to."""

        async def whole():
            found = dict(os.environ)
            process = bootstrap.Process(read_settings(found), found)
            try:
                return await work(process)
            finally:
                await process.close()

        return asyncio.run(whole())


def edit(path, old, new):
    """Change a file's words."""
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def edit_whatsapp(path, number="100"):
    """Give a new desk a WhatsApp number."""
    edit(path, '# whatsapp: {phone_number_id: "…"}', f'whatsapp: {{phone_number_id: "{number}"}} #')
