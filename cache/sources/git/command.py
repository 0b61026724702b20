"""Runs the user's git in one checkout, so that nothing runs which the repository could choose.

A repository can name programs for fsmonitor, the pager, hooks and more: they are overridden here, whichever file or
variable names them. It can name transports, with which a partial clone fetches missing objects: they are forbidden.
"""

from __future__ import annotations

import os
import shutil
import time
from typing import TYPE_CHECKING

from cache.model.files import is_there, read_file
from cache.model.git_head import HEAD_AT_MOST
from cache.model.git_variables import git_variables
from cache.model.trust import path_outside, project_folders
from cache.sources.process.run import run
from cache.work.failures import GitRefused, NoGit, Overdue

if TYPE_CHECKING:
    from collections.abc import Mapping

IN_TOTAL = 5.0  # seconds, for all commands of one refresh
AT_MOST = 4 << 20  # bytes of output; 40,000 changed files take about that

# What git gets from the user's environment besides `git_variables`; nothing else can change what it does.
_PASSED_ON = ("HOME", "USER", "LOGNAME", "XDG_CONFIG_HOME", "SYSTEMROOT", "USERPROFILE")
_FIXED = {
    "LC_ALL": "C",
    "GIT_OPTIONAL_LOCKS": "0",  # git does not write the index, so no commit finds a lock and no hook runs
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "false",
    "SSH_ASKPASS": "false",
    "GIT_SSH_COMMAND": "false",
    "GIT_PAGER": "cat",
    "GIT_LITERAL_PATHSPECS": "1",
    # The user's configuration, or one that GIT_CONFIG_GLOBAL names, can have git write traces to any file.
    "GIT_TRACE2": "0",
    "GIT_TRACE2_EVENT": "0",
    "GIT_TRACE2_PERF": "0",
    # Git would fetch a missing object of a partial clone with programs that the repository names. Older versions do
    # not know the first variable; the second one forbids all transports in every version.
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "none",
}
# These override the repository's configuration and the user's.
_SETTINGS = (
    "core.fsmonitor=false",
    "core.pager=cat",
    f"core.hooksPath={os.devnull}",
    "core.sshCommand=false",
    "core.askPass=false",
    "credential.helper=",
    "diff.external=",
    "safe.bareRepository=explicit",
    "status.submoduleSummary=false",
)


class Git:
    """The user's git for one checkout; all its commands together may take ``seconds``. Raises NoGit without a git.

    ``place`` are GIT_DIR and GIT_WORK_TREE, if the environment has chosen them.
    """

    def __init__(
        self,
        root: str,
        env: Mapping[str, str],
        seconds: float = IN_TOTAL,
        at_most: int = AT_MOST,
        place: Mapping[str, str] | None = None,
    ) -> None:
        path = path_for_git(root, env.get("PATH", ""))
        program = shutil.which("git", path=path)
        if program is None:
            raise NoGit("no `git` on PATH")
        self._program, self.root = program, root
        self._until, self._at_most = time.monotonic() + seconds, at_most
        self._env = environment_for_git(env) | _FIXED | {"PATH": path, "GIT_CEILING_DIRECTORIES": os.path.dirname(root)}
        self._place = dict(place or {})

    def enter_work_tree(self, git_dir: str) -> None:
        """Go where `git status` works, which `core.worktree` decides. Raise GitRefused for another repository, or none.

        ``git_dir`` is the one that we have found. Git must read its configuration where `git status` reads it: an
        included file can have a path that depends on the folder, such as one below /proc/self/cwd.
        """
        commondir = f"{git_dir}/commondir"
        if is_there(commondir) and read_file(commondir, HEAD_AT_MOST) is None:  # git would read all of it into memory
            raise GitRefused(f"{commondir} is not a short text file")
        found, top = (self.path_of(name) for name in ("--absolute-git-dir", "--show-toplevel"))
        if not (os.path.isabs(found) and os.path.isabs(top)):  # not a git, but a program that only knows `git status`
            return
        if not is_same(found, git_dir):
            raise GitRefused(f"git takes another repository for the one of {self.root}")
        if not is_same(top, self.root):
            self.root = top
            self._place["GIT_DIR"] = found

    def path_of(self, name: str, submodule: str = "") -> str:
        """Return a path that `git rev-parse` has under this name; raise GitRefused, Overdue."""
        return os.fsdecode(self.output_of("rev-parse", name, submodule=submodule)[0]).removesuffix("\n")

    def output_of(
        self,
        *words: str,
        settings: tuple[str, ...] = (),
        stdin: bytes = b"",
        empty_code: int = 0,
        at_most: int = 0,
        submodule: str = "",
    ) -> tuple[bytes, bool]:
        """Run a git command; return its output, and whether that was cut off. Raises Overdue or GitRefused.

        ``empty_code`` is the exit code besides 0 with which the command reports an empty result; ``at_most`` are bytes
        of output, 0 for the usual number. In a submodule, whose path is given, git starts as `git status` starts it.
        """
        flags = [word for setting in (*_SETTINGS, *settings) for word in ("-c", setting)]
        command = [self._program, "--no-pager", *flags, *words]
        left_s = self._until - time.monotonic()
        try:
            ran = run(
                command,
                env=self._env | ({"GIT_DIR": ".git"} if submodule else self._place),
                cwd=os.path.join(self.root, submodule),
                seconds=left_s,
                at_most=at_most or self._at_most,
                stdin=stdin,
            )
        except OSError as error:
            raise GitRefused(f"{self.root}: {error.strerror}") from error
        if ran.overdue:
            raise Overdue(f"git took longer than {IN_TOTAL:.0f} s in {self.root}")
        if not ran.cut and ran.code not in {0, empty_code}:
            raise GitRefused(f"`git {words[0]}` exited with {ran.code} in {self.root}")
        return ran.output, ran.cut


def environment_for_git(env: Mapping[str, str]) -> dict[str, str]:
    """Return what git gets of the user's environment, without PATH; none of it is a secret."""
    passed_on = {name: env[name] for name in _PASSED_ON if name in env}
    return passed_on | git_variables(lambda name: env.get(name, ""))


def is_same(path: str, other: str) -> bool:
    """Return whether two paths lead to the same file."""
    try:
        return os.path.samefile(path, other)
    except OSError:
        return False


def path_for_git(root: str, path: str) -> str:
    """Return a PATH without relative folders and those in a checkout: a program there is the repository's.

    A folder that another process could take for another one, as below /proc/self/cwd, may be in the checkout.
    """
    absolute = [folder for folder in path.split(os.pathsep) if os.path.isabs(folder)]
    return path_outside(os.pathsep.join(absolute), project_folders(root))
