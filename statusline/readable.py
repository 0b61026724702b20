"""What the entry point runs in a checkout, or where the merged module is torn: the tick of the readable files."""

from statusline.tick import main as door

__all__ = ["door"]
