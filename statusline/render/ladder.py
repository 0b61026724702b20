"""The order in which the parts of a row and their details take its room: one list of steps, from the dearest.

A row takes the steps in this order and stops at the first that does not fit, so a wider terminal never shows less. A
step that has nothing to say is passed over. Each is ``(key, size)``:

- ``context`` is a segment, ``context.bar`` its detail. ``lead`` is the limit that is used up first where one warns,
  else the five hours; ``project`` is also ``directory``.
- A name is shown in up to ``size`` cells, and grows cell by cell. ``bars`` makes all bars that are shown so long.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    Step = tuple[str, int]

WHOLE = 999  # cells: a name in full
BAR_CELLS = 6  # of a bar that a step of the list brings
LADDER: "tuple[Step, ...]" = (
    ("lead", 0),
    ("five_hour", 0),
    ("seven_day", 0),
    ("provider", 0),
    ("context", 0),
    ("model", 12),
    ("lead.reset", 0),
    ("five_hour.reset", 0),
    ("project", 8),
    ("git_operation", 0),
    ("sessions", 0),
    ("branch", 8),
    ("changed_files", 0),
    ("project", 16),
    ("branch", 16),
    ("model", 24),
    ("model_week", 0),
    ("spend", 0),
    ("spend.limit", 0),
    ("fast_mode", 0),
    ("seven_day.reset", 0),
    ("lead.bar", 0),
    ("five_hour.bar", 0),
    ("seven_day.bar", 0),
    ("model.million", 0),
    ("effort", 0),
    ("cost", 0),  # the end of the short list
    ("context.bar", 0),
    ("project", 24),
    ("branch", 24),
    ("pr", 0),
    ("bars", 7),
    ("bars", 8),
    ("lines", 0),
    ("today", 0),
    ("pr.state", 0),
    ("sessions.names", 0),
    ("lead.out", 0),
    ("five_hour.out", 0),
    ("seven_day.out", 0),
    ("lead.slack", 0),
    ("five_hour.slack", 0),
    ("seven_day.slack", 0),
    ("duration", 0),
    ("context_tokens", 0),
    ("project", WHOLE),
    ("branch", WHOLE),
    ("model", WHOLE),
    ("bars", 9),
    ("bars", 10),
    ("bars", 11),
    ("bars", 12),
)
