"""Isolates the steps of a tick: if one raises, only its part of the line is missing."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import ParamSpec, TypeVar

    Given = ParamSpec("Given")
    Found = TypeVar("Found")

FAILURES: "list[BaseException]" = []  # of this process, in order
NOTICES: "list[str]" = []  # what the person must know, for a row below the line
FAILURES_AT_MOST = 8  # more are most likely repeats


def attempt(step: "Callable[Given, Found]", *given: "Given.args", **named: "Given.kwargs") -> "Found | None":
    """Return what a step returns, or None where it raises: then the failure is kept in `FAILURES`."""
    try:
        return step(*given, **named)
    except Exception as error:  # noqa: BLE001 - whatever is wrong with one part, the rest of the line is shown
        keep_failure(error)
        return None


def keep_failure(error: "BaseException") -> "None":
    """Keep a failure for `statusline.debug` and for `statusline doctor --trace`."""
    if len(FAILURES) < FAILURES_AT_MOST:
        FAILURES.append(error)
