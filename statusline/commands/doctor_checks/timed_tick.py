"""One tick with a clock on its parts: run by ``doctor --timings``.

Takes the tick's ``__main__.py`` and its ``--cache DIR --config FILE``, and a payload on standard input; prints one JSON
object: seconds by part.
"""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

began = time.perf_counter()
PARTS = {
    "read_payload": "read stdin",
    "read_config": "config",
    "take_snapshot": "snapshot",
    "add_surroundings": "gather",
    "row_of": "render",
}


def load(package: str) -> dict[str, Any]:
    """Return the names of the tick's module, loaded under its own name: as ``__main__`` it would draw the line."""
    sys.path.append(package[: -len("/statusline")])
    name = "statusline.hot"
    loader = type(globals()["__loader__"])(name, package + "/hot.py")
    merged = sys.modules[name] = type(sys)(name)
    merged.__loader__ = loader
    try:
        loader.exec_module(merged)
        return vars(merged)
    except FileNotFoundError:
        del sys.modules[name]
        return vars(__import__("statusline.tick", fromlist=("*",)))


def put_clock_on(part: Callable[..., object], seconds: dict[str, float], name: str) -> Callable[..., object]:
    """Return a function that does the same and adds the time it takes to ``seconds``."""

    def run_part(*args: Any, **options: Any) -> object:
        start = time.perf_counter()
        try:
            return part(*args, **options)
        finally:
            seconds[name] = seconds.get(name, 0.0) + time.perf_counter() - start

    return run_part


def main(package: str, argv: list[str]) -> None:
    """Run the tick and print how long its parts took."""
    names = load(package)
    seconds = {"load": time.perf_counter() - began}
    places = [names, vars(sys.modules.get("statusline.gather", sys))]  # the merged module holds both
    for function, name in PARTS.items():
        place = next(each for each in places if function in each)
        place[function] = put_clock_on(place[function], seconds, name)
    start = time.perf_counter()
    names["tick"](argv, time.time())
    others = sum(seconds.values()) - seconds["load"]
    seconds["rest"] = max(time.perf_counter() - start - others, 0.0)

    import json  # noqa: PLC0415 - after the tick, which does without

    print(json.dumps(seconds))


if __name__ == "__main__":
    main(sys.argv[1].removesuffix("/__main__.py"), sys.argv[2:])
