"""What the entry point runs in a checkout, or where the merged module is torn: the tick of the readable files."""

import sys

sys.path.append(__file__[: -len("/statusline/__main__.py")])  # behind the standard library: all that -I and -S leave

from statusline.tick import main as door

__all__ = ["door"]
