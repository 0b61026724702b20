"""Makes a release: ``python .build/release.py VERSION [--dry-run]``. It publishes nothing.

Sets the version, dates the changelog, builds the source archive and the wheel, writes the SHA-256 of each next to it,
commits and tags. With ``--dry-run`` it does all of that in a temporary clone.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import subprocess
import sys
import tempfile
from datetime import datetime, timezone
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BUILD_LOCK = ".build/lock-build.txt"
INIT, CHANGELOG = "statusline/__init__.py", "CHANGELOG.md"
PLUGINS = (".claude-plugin/plugin.json", ".claude-plugin/line/.claude-plugin/plugin.json")
VERSION = re.compile(r"(\d+)\.(\d+)\.(\d+)(?:(a|b|rc)(\d+))?")
SET_IN = {  # the file, and what is around the version in it
    INIT: re.compile(r'^(__version__ = ")(.+)(")$', re.MULTILINE),
    **dict.fromkeys(PLUGINS, re.compile(r'^(  "version": ")(.+)(",)$', re.MULTILINE)),
}
UNRELEASED = re.compile(r"^## \[Unreleased\]\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)


class Refused(Exception):
    """The release cannot be made; the message says why."""


def main(argv: list[str]) -> int:
    """Return 0, or 1 if the release was refused."""
    parser = argparse.ArgumentParser(prog="release.py", description=__doc__)
    parser.add_argument("version", help="such as 1.2.0 or 1.2.0rc1")
    parser.add_argument("--dry-run", action="store_true", help="work in a temporary clone")
    args = parser.parse_args(argv)
    try:
        if not args.dry_run:
            release(ROOT, args.version)
            print("To publish it, push the commit and the tag, then upload the files above.")
            return 0
        check_clean(ROOT)
        with tempfile.TemporaryDirectory() as folder:
            run(ROOT, "git", "clone", "--quiet", str(ROOT), folder)
            release(Path(folder), args.version)
        print("That was a dry run; nothing was changed here.")
    except Refused as reason:
        print(f"release.py: {reason}", file=sys.stderr)
        return 1
    return 0


def release(root: Path, version: str) -> None:
    """Make a release in a checkout; raise Refused, and leave the checkout as it was, if that is not possible."""
    check_clean(root)
    check_version(root, version)
    notes = set_version(root, version)
    try:
        built = build(root)
    except Refused:
        run(root, "git", "checkout", "--quiet", "--", INIT, *PLUGINS, CHANGELOG)
        raise
    run(root, "git", "commit", "--quiet", "--all", "--message", f"Release {version}")
    run(root, "git", "tag", "--annotate", f"v{version}", "--cleanup=verbatim", "--message", f"{version}\n\n{notes}\n")
    for archive in built:
        print(f"{write_digest(archive)}  {archive}")
    print(f"Committed and tagged v{version}.")


def check_clean(root: Path) -> None:
    """Raise Refused if the checkout has changes that are not committed."""
    changes = run(root, "git", "status", "--porcelain")
    if changes:
        raise Refused(f"commit or remove these changes first:\n{changes}")


def check_version(root: Path, version: str) -> None:
    """Raise Refused unless the version is well formed, newer than the present one, and not yet a tag."""
    (present,) = [found[1] for found in SET_IN[INIT].findall((root / INIT).read_text(encoding="utf-8"))]
    if VERSION.fullmatch(version) is None:
        raise Refused(f"{version} is not a version such as 1.2.0 or 1.2.0rc1")
    tags = run(root, "git", "tag", "--list").splitlines()
    if f"v{version}" in tags:
        raise Refused(f"v{version} is a tag already")
    # The version in a fresh project has not been released yet, so it may be released as it is.
    if order(version) < order(present) or (version == present and f"v{present}" in tags):
        raise Refused(f"{version} is not newer than {present}")


def order(version: str) -> tuple[int, int, int, str, int]:
    """Return what versions are sorted by: a release comes after its candidates."""
    match = VERSION.fullmatch(version)
    if match is None:
        raise Refused(f"{version} is not a version such as 1.2.0 or 1.2.0rc1")
    major, minor, patch, stage, number = match.groups()
    return int(major), int(minor), int(patch), stage or "z", int(number or 0)


def set_version(root: Path, version: str) -> str:
    """Write the version into the files and date the changelog; return the changes of this release."""
    changelog = (root / CHANGELOG).read_text(encoding="utf-8")
    section = UNRELEASED.search(changelog)
    notes = section[1].strip() if section else ""
    if not notes:
        raise Refused(f"{CHANGELOG} has nothing under Unreleased")
    for name, pattern in SET_IN.items():
        text, count = pattern.subn(rf"\g<1>{version}\g<3>", (root / name).read_text(encoding="utf-8"))
        if count != 1:
            raise Refused(f"{name} has {count} versions instead of one")
        (root / name).write_text(text, encoding="utf-8")
    today = datetime.now(timezone.utc).date()
    dated = changelog.replace("## [Unreleased]\n", f"## [Unreleased]\n\n## [{version}] - {today}\n", 1)
    (root / CHANGELOG).write_text(dated, encoding="utf-8")
    return notes


def build(root: Path) -> list[Path]:
    """Build the source archive, and the wheel from it; return their paths.

    The tools are those of the lock, so everyone who builds the same commit this way gets the same bytes.
    """
    out = root / "dist"
    before = set(out.glob("*")) if out.exists() else set()
    lock = ["--build-constraints", str(root / BUILD_LOCK), "--require-hashes"]
    run(root, sys.executable, "-m", "uv", "build", *lock, "--python", sys.executable, "--out-dir", str(out), str(root))
    return sorted(path for path in out.glob("hudline-*") if path not in before)


def write_digest(archive: Path) -> str:
    """Write the SHA-256 of a file next to it, in the form that ``install.sh`` and ``sha256sum`` read; return it."""
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    Path(f"{archive}.sha256").write_text(f"{digest}  {archive.name}\n", encoding="utf-8")
    return digest


def run(root: Path, *words: str) -> str:
    """Run a program in a folder and return its output; raise Refused with its errors if it fails."""
    env = {name: value for name, value in os.environ.items() if name != "SOURCE_DATE_EPOCH"}  # or archives differ
    done = subprocess.run(words, cwd=root, env=env, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Refused(f"{' '.join(words[:3])} failed:\n{done.stdout}{done.stderr}")
    return done.stdout.strip()


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
