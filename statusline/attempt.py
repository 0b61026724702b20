"""Steps of a tick that may fail alone: what one of them raises costs its part of the line, not the others'."""

from cache.model.lazy import further_module
from cache.model.osapi import setting

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import ParamSpec, TypeVar

    Given = ParamSpec("Given")
    Found = TypeVar("Found")

FAILURES: "list[BaseException]" = []  # of this process, in order
FAILURES_AT_MOST = 8  # further ones are most likely the same again


def attempt(step: "Callable[Given, Found]", *given: "Given.args", **named: "Given.kwargs") -> "Found | None":
    """Return what a step returns, or None where it raises: then the failure is kept in `FAILURES`."""
    try:
        return step(*given, **named)
    except Exception as error:  # noqa: BLE001 - whatever is wrong with one part, the rest of the line is drawn
        keep_failure(error)
        return None


def keep_failure(error: "BaseException") -> "None":
    """Keep a failure for `statusline.debug` and for `statusline doctor --trace`."""
    if len(FAILURES) < FAILURES_AT_MOST:
        FAILURES.append(error)


def tell_of_failures() -> "None":
    """Have what failed written down, where STATUSLINE_DEBUG names a file for it."""
    path = setting("STATUSLINE_DEBUG")
    if path:
        further_module("statusline.debug").report_failures(FAILURES, path)
