"""Makes the long description for a package registry: the README with links that work outside the repository."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

try:
    from hatchling.metadata.plugin.interface import MetadataHookInterface
except ImportError:  # the tests import `with_absolute_links` alone
    MetadataHookInterface = object  # type: ignore[assignment,misc]

PICTURE = re.compile(r"^<picture>\n.*?^</picture>\n", re.MULTILINE | re.DOTALL)
FILE = re.compile(r'\b(src|srcset)="(?!https?:)([^"]+)"')
LINK = re.compile(r"(?<!!)\[([^\]]*)\]\((?!https?:)([^)]+)\)")
VERSION = re.compile(r'^__version__ = "(.+)"$', re.MULTILINE)


class LongDescription(MetadataHookInterface):
    """Sets ``readme`` and ``urls`` of the project, from the ``repository`` in pyproject.toml."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Add both to the metadata."""
        root, repository = Path(self.root), self.config.get("repository", "").rstrip("/")
        (version,) = VERSION.findall((root / "statusline" / "__init__.py").read_text(encoding="utf-8"))
        text = with_absolute_links((root / "README.md").read_text(encoding="utf-8"), repository, f"v{version}")
        metadata["readme"] = {"content-type": "text/markdown", "text": text}
        metadata["urls"] = urls(repository)


def urls(repository: str) -> dict[str, str]:
    """Return the project's addresses, none if the repository is not published."""
    if not repository:
        return {}
    return {
        "Repository": repository,
        "Changelog": f"{repository}/blob/HEAD/CHANGELOG.md",
        "Issues": f"{repository}/issues",
    }


def with_absolute_links(text: str, repository: str, tag: str) -> str:
    """Return Markdown whose links lead to a tag of the repository; without one, pictures go and links become text."""
    if not repository:
        return LINK.sub(r"\1", PICTURE.sub("", text))
    text = PICTURE.sub(lambda found: FILE.sub(rf'\1="{repository}/raw/{tag}/\2"', found[0]), text)
    return LINK.sub(rf"[\1]({repository}/blob/{tag}/\2)", text)
