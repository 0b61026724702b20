"""Entry point for Claude Code: finds the package beside it, without site-packages, and draws the line.

It is compiled at every tick, so it is short.
"""

import gc
import sys

gc.disable()  # what a tick makes goes when it leaves
root = __file__[: -len("/statusline/__main__.py")]
sys.path.append(root)  # behind the standard library, which is all that -I and -S leave
try:
    try:
        # Made from the readable files while the wheel was built; to look for it along the path takes longer than this.
        this = sys.modules["statusline.hot"] = sys.modules["__main__"]
        globals()["__loader__"].__class__("__main__", root + "/statusline/hot.py").exec_module(this)
        main = vars(this)["door"]
    except Exception:  # noqa: BLE001 - not there, or torn in any way: by a full disk, by an upgrade under way
        sys.modules.pop("statusline.hot", None)
        from statusline.tick import main
    main(sys.argv[1:])
except Exception:  # noqa: BLE001 - whatever is wrong with the files, a line must leave the building
    print("hudline is damaged: run its install.sh again")
