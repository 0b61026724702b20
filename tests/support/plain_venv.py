"""An environment as install.sh leaves it: hudline's libraries and nothing else, linked from the one that runs this.

The environment of the tests has more in it, some of which Python loads at each start.
"""

from __future__ import annotations

import sys
import venv
from collections.abc import Iterator
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.requirements import Requirement

NAME = "hudline"


def plain_venv(folder: Path) -> str:
    """Make an environment in a folder; return its Python."""
    venv.create(folder, with_pip=False, symlinks=True)
    packages = folder / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}" / "site-packages"
    for library in libraries():
        for path in {file.parts[0] for file in library.files or [] if file.parts[0] not in {"..", "__pycache__"}}:
            place = packages / path
            if not place.exists():
                place.symlink_to(Path(str(library.locate_file(path))))
    return str(folder / "bin" / "python")


def libraries() -> list[Distribution]:
    """Return what hudline needs, directly or not."""
    found: dict[str, Distribution] = {}
    waiting = [*needed_by(distribution(NAME))]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = distribution(name)
            waiting += needed_by(found[name])
    return list(found.values())


def needed_by(library: Distribution) -> Iterator[str]:
    """Yield the names of what a library needs here, without its extras."""
    for text in library.requires or []:
        needed = Requirement(text)
        if needed.marker is None or needed.marker.evaluate({"extra": ""}):
            yield needed.name
