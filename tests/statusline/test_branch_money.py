"""What the line says that a branch took: the same as `statusline cost --by branch`."""

from __future__ import annotations

from pathlib import Path

import pytest

from cache.model.entry import Entry
from cache.money.ledger import project_in
from statusline.branch_money import read_branch
from tests.support.git_checkouts import checkout, git


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a home that is a checkout, with another in it, in which there are a third, a worktree and a bare one."""
    monkeypatch.delenv("CLAUDE_CONFIG_DIR", raising=False)
    home = checkout(tmp_path / "home")
    mono = checkout(home / "mono")
    checkout(mono / "vendor" / "lib")
    git(mono, "worktree", "add", "-q", "trees/side")
    git(mono, "init", "-q", "--bare", "store.git")
    for folder in ("src/deep", "vendor/lib/src", "src\xe4"):
        (mono / folder).mkdir(parents=True)
    return home


def test_a_checkout_takes_nothing_from_others_in_it(home: Path) -> None:
    mono = home / "mono"
    own = [mono, *(mono / name for name in ("src/deep", "src\xe4", "gone/since/long", "vendor"))]
    others = [mono / name for name in ("vendor/lib", "vendor/lib/src", "trees/side", "store.git")]
    folders = [home, home / "notes", *own, *others, home.parent]
    usd_of = {str(folder): float(2**number) for number, folder in enumerate(folders)}
    odd: list[object] = [[str(mono), "other", 0.5], [7, "main", 0.5], [str(mono)], None]
    cache = home.parent / "cache"
    cache.mkdir()
    (cache / "transcripts.json").write_text(
        Entry({"branches": [*([folder, "main", usd] for folder, usd in usd_of.items()), *odd]}, 1, 2).to_text()
    )
    for root in (home, mono, mono / "vendor/lib", mono / "trees/side", mono / "store.git"):
        expected = sum(usd for folder, usd in usd_of.items() if project_in(folder) == str(root))
        assert read_branch(str(cache), str(root), "main") == (expected, False), root
    assert read_branch(str(cache), str(mono), "main") == (4 + 8 + 16 + 32 + 64, False)
    assert read_branch(str(cache), str(mono / "vendor/lib"), "other") == (None, False)
