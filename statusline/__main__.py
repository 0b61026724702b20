"""The door that Claude Code knocks at: finds the package beside it, without site-packages, and draws the line."""

import sys

# -I and -S leave only the standard library on the path; the folder of this package is where ours is. Elsewhere than on
# Windows a backslash is a letter.
here = __file__ if __file__[:1] == "/" else __file__.replace("\\", "/")
root = here.rpartition("/statusline/")[0]
sys.path.append(root)

try:
    try:
        # Made from the files below while the wheel was built. To look for it along the path takes a fortieth of a
        # start, so whatever has loaded this file loads that one too.
        loader = globals()["__loader__"].__class__("statusline.hot", root + "/statusline/hot.py")
        merged = sys.modules["statusline.hot"] = type(sys)("statusline.hot")
        merged.__file__, merged.__loader__ = loader.path, loader
        loader.exec_module(merged)
        main = merged.door
    except Exception:  # noqa: BLE001 - not there, or torn in any way: by a full disk, by an upgrade under way
        sys.modules.pop("statusline.hot", None)
        from statusline.tick import main
    main(sys.argv[1:])
except Exception:  # noqa: BLE001 - whatever is wrong with the files, a line must leave the building
    print("hudline is damaged: run its install.sh again")
