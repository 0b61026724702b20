"""Entry point for Claude Code: finds the program beside it, without site-packages, and draws the line.

It is compiled at every tick, so it is short: with twice as many words a start took 1.3 % longer.
"""

import gc
import sys

gc.disable()  # what a tick makes goes when it leaves
sys.path.append(__file__[:-23])  # behind the standard library, which is all that -I and -S leave
this = sys.modules["__main__"]
# The first was made from the readable files while the wheel was built. It may be torn in any way: by a full disk, by an
# upgrade under way. To look for it along the path takes longer than this.
for name in "hot.py", "readable.py":
    try:
        __loader__.__class__("__main__", __file__[:-11] + name).exec_module(this)  # type: ignore[name-defined]
        this.door(sys.argv[1:])  # draws the line and leaves
    except Exception:  # noqa: BLE001, S110 - whatever is wrong with the files, a line must leave the building
        pass
print("hudline is damaged: run its install.sh again")
