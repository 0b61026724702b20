"""Doing something as an ordinary user: root may read and write everywhere."""

from __future__ import annotations

import os

# To be put into a script behind its imports: the interpreter may lie where only root looks. What the standard library
# loads late in one version or another is loaded just before.
DROP = """
import os, locale, shutil, urllib.parse, select
if os.geteuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
assert os.geteuid() != 0
"""

# To be put in front of a command that an ordinary user can start.
AS_NOBODY = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"] if os.geteuid() == 0 else []
