"""Configurations to try: any JSON at all, and objects that look like a configuration, right or wrong in any place."""

from __future__ import annotations

from hypothesis import strategies as st

from statusline.config_table import GLYPHS, PRESET_NAMES, SETTINGS, THEMES
from statusline.segments.registry import TABLE

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(10**25), 10**25)
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["", "\ud800", "\x1b[31m", "x" * 5000, 1e308, -1, 10**400])
)
anything = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=6) | st.dictionaries(st.text(max_size=8), inner, max_size=6)
)

_name = st.sampled_from(sorted(TABLE))
_item = _name | st.fixed_dictionaries(
    {"segment": _name},
    optional={
        "when": st.sampled_from(["always", "warn", "alert"]),
        "label": st.text(max_size=45),
        "color": st.sampled_from(["bright-blue", "#50a14f", "grey"]),
        "bar": st.booleans() | st.integers(0, 50),
        "style": st.sampled_from(["short", "full", "name"]),
        "text": st.text(max_size=5),
        "name": st.sampled_from(["jobs", "job"]),
        "unit": st.sampled_from(["usd", "tokens", "both", "euro"]),
    },
)
_group = st.lists(_item, min_size=0, max_size=5)
_right = {
    "$schema": st.text(max_size=5),
    "preset": st.sampled_from(PRESET_NAMES),
    "rows": st.lists(_group | st.fixed_dictionaries({}, optional={"left": _group, "right": _group}), max_size=9),
    "theme": st.sampled_from(THEMES),
    "colors": st.dictionaries(
        st.sampled_from(["calm", "branch", "nosuch"]), st.sampled_from(["magenta", "#50a14f", "#50a1", "grey"])
    ),
    "glyphs": st.sampled_from(GLYPHS),
    "separator": st.text(max_size=18),
    "wrap": st.booleans(),
    "padding": st.integers(-1, 22) | st.just(2.0),
    "thresholds": st.dictionaries(
        st.sampled_from(["context", "seven_day", "model"]),
        st.lists(st.integers(-5, 1005) | st.floats(0, 100), min_size=1, max_size=3),
    ),
    "time": st.fixed_dictionaries(
        {},
        optional={
            "style": st.sampled_from(SETTINGS["time"]["style"][1]),
            "hours": st.sampled_from([12, 24, 13]),
            "zone": st.sampled_from(["local", "utc", "Europe/Vienna", "Europe/Vienn", "../etc/x", "a//b"]),
        },
    ),
    "oauth": st.sampled_from(["auto", "off"]),
    "refresh": st.dictionaries(st.sampled_from(["usage", "git", "activity"]), st.integers(0, 90000)),
    "budget": st.dictionaries(st.sampled_from(["day", "block", "week", "month", "year"]), st.floats(-1, 1e7)),
    "commands": st.dictionaries(
        st.sampled_from(["jobs", "", "x" * 65]),
        st.fixed_dictionaries(
            {"command": st.text(max_size=5)},
            optional={"every": st.integers(0, 99999), "timeout": st.integers(0, 9), "shared": st.booleans()},
        ),
    ),
    "accounts": st.dictionaries(st.sampled_from(["3f2a9c0d1e4b", "3f2a9c0", "", "x" * 41]), st.text(max_size=26)),
    "prices": st.dictionaries(
        st.sampled_from(["claude-opus", "claude-haiku-5-5", "", "x" * 101]),
        st.dictionaries(
            st.sampled_from(["input", "output", "cache_write_5m", "cache_write_1h", "cache_read", "cache"]),
            st.integers(-1, 10_001) | st.floats(-0.5, 10_000.5),
            max_size=3,
        ),
    ),
    "watch": st.lists(
        st.fixed_dictionaries(
            {},
            optional={
                "at": st.lists(st.integers(-1, 102) | st.floats(0, 101), max_size=9, unique=True).map(sorted),
                "command": st.text(max_size=3) | st.just("x" * 4097),
                "notify": st.sampled_from(["desktop", "phone"]),
                # The default event is left out when it is written: `threshold` is tested elsewhere.
                "on": st.sampled_from(["reset", "waiting", "expired", "never"]),
            },
        ),
        max_size=9,
    ),
}
shaped = st.fixed_dictionaries({}, optional={key: value | anything for key, value in _right.items()})
sound = st.fixed_dictionaries({}, optional=_right)
