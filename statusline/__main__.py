"""Entry point for Claude Code: finds the program beside it, without site-packages, and draws the line.

It is compiled at every tick, so it is short: with twice as many words a start took 1.3 % longer.
"""

import gc
import sys

gc.disable()  # what a tick makes goes when it leaves
sys.path.append(__file__[:-23])  # behind the standard library, which is all that -I and -S leave
# Each file draws the line and leaves. `hot.py` was merged while the wheel was built; a full disk or an upgrade may have
# torn it. An import along the path would take longer.
for name in "hot.py", "readable.py":
    try:
        __loader__.__class__("__main__", __file__[:-11] + name).exec_module(sys.modules["__main__"])  # type: ignore[name-defined]
    except Exception:  # noqa: BLE001, S110 - whatever is wrong with the files, something must be printed
        pass
print("hudline is damaged: run its install.sh again")
