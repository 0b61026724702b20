"""Colors of the user's own: by role over a theme, or for one segment."""

from __future__ import annotations

import pytest

from statusline.config import Config
from statusline.render.chosen_colors import ROLES, color_code, is_color
from statusline.render.colors import TRUE_COLOR
from statusline.render.placed_segment import PlacedSegment
from statusline.render.row import compose_rows
from statusline.render.theme import Style, style_for
from statusline.segments.segment import Segment

GREEN = "#50a14f"
GREEN_CODE = "38;2;80;161;79"


def drawn(segment: Segment, style: Style, **options: object) -> str:
    return compose_rows([([PlacedSegment(segment, "cost", options)], [], [("cost", 0), ("cost.bar", 0)])], 80, style)


def limit(level: str) -> Segment:
    return Segment([("label", "5h "), ("value", "42%")], level=level)


@pytest.mark.parametrize(
    ("color", "depth", "code"),
    [
        ("magenta", 16, "35"),
        ("bright-magenta", 16, "95"),
        ("black", TRUE_COLOR, "30"),
        ("bright-white", 256, "97"),
        (GREEN, TRUE_COLOR, GREEN_CODE),
        ("#50A14F", TRUE_COLOR, GREEN_CODE),
        (GREEN, 256, "38;5;71"),
        (GREEN, 16, ""),  # the theme's own color stays
        *((bad, TRUE_COLOR, "") for bad in ("", "grey", "#50a14", "#50a14g", "50a14f", "#50a14f\n", "bright-", "Red")),
        *((bad, TRUE_COLOR, "") for bad in (None, 5, True, ["red"], {"red": 1})),
    ],
)
def test_a_color_is_a_name_or_rrggbb(color: object, depth: int, code: str) -> None:
    assert color_code(color, depth) == code
    assert is_color(color) == bool(color_code(color, TRUE_COLOR))


def test_a_role_has_the_users_color_and_stays_bold() -> None:
    style = Style("dark", depth=TRUE_COLOR, colors={"calm": GREEN, "warn": "magenta", "separator": "blue"})
    assert [style.code(role, None) for role in ("calm", "warn", "separator")] == [GREEN_CODE, "1;35", "34"]
    usual = Style("dark", depth=TRUE_COLOR)
    assert style.code("alert", None) == usual.code("alert", None)
    assert Style("default", depth=16, colors={"separator": "blue"}).code("separator", None) == "34", "no longer dim"


def test_roles_that_a_theme_does_not_tell_apart_follow_until_they_are_named() -> None:
    style = Style("dark", depth=16, colors={"label": "blue", "separator": "red", "alert": "magenta"})
    assert [style.code(role, None) for role in ("label", "detail", "rail", "block")] == ["34", "34", "31", "1;35;7"]
    style = Style("dark", depth=16, colors={"label": "blue", "detail": "red", "block": "cyan"})
    assert [style.code(role, None) for role in ("label", "detail", "block")] == ["34", "31", "1;36;7"]


@pytest.mark.parametrize("theme", ["default", "mono", "light", "powerline"])
@pytest.mark.parametrize("depth", [16, 256, TRUE_COLOR])
def test_every_role_can_have_a_color(theme: str, depth: int) -> None:
    style = Style(theme, depth=depth, colors=dict.fromkeys(ROLES, "cyan"))
    assert all("36" in style.code(role, None).split(";") for role in ROLES)


def test_in_16_colors_a_color_of_true_color_changes_nothing() -> None:
    assert drawn(limit("calm"), Style(depth=16, colors={"calm": GREEN})) == drawn(limit("calm"), Style(depth=16))


def test_without_colors_there_are_none() -> None:
    style = Style("dark", depth=0, colors=dict.fromkeys(ROLES, "cyan"))
    assert drawn(limit("warn"), style, color="yellow") == "5h 42%!"


def test_a_segment_of_another_color_keeps_what_warns() -> None:
    style = Style(depth=16)
    assert drawn(limit("calm"), style, color="yellow") == "\x1b[33m5h 42%\x1b[0m"
    assert drawn(limit("warn"), style, color="blue") == "\x1b[34m5h \x1b[0m\x1b[1;33m42%!\x1b[0m"
    bar = Segment([("value", "50%")], level="calm", bar=50)
    assert drawn(bar, style, color="blue") == "\x1b[34m━━━\x1b[0m\x1b[2m───\x1b[0m\x1b[34m 50%\x1b[0m"
    assert drawn(Segment([("model", "Opus")]), style, color="blue") == "\x1b[1;34mOpus\x1b[0m"


@pytest.mark.parametrize("bad", ["grey", 5, None, ["red"], "#12", {}])
def test_a_segment_with_a_color_that_is_none_is_drawn_as_without(bad: object) -> None:
    style = Style(depth=16)
    assert drawn(limit("calm"), style, color=bad) == drawn(limit("calm"), style)


def test_in_powerline_a_color_is_that_of_the_block() -> None:
    style = Style("powerline", depth=TRUE_COLOR, colors={"model": GREEN, "alert": "#ffff00"})
    model = drawn(Segment([("model", "Opus")]), style)
    assert model.startswith("\x1b[38;2;0;0;0;48;2;80;161;79m Opus ")
    assert drawn(limit("alert"), style, color="blue").startswith("\x1b[38;2;0;0;0;48;2;255;255;0m 5h")
    assert drawn(limit("calm"), style, color="blue").startswith("\x1b[97;44m 5h 42% ")
    assert drawn(limit("calm"), style, color="nonsense") == drawn(limit("calm"), Style("powerline", depth=TRUE_COLOR))


def test_the_configuration_takes_colors_by_role_and_by_segment() -> None:
    made = Config(
        {
            "colors": {"calm": GREEN, "branch": "magenta", "warn": "purple", "nosuch": "red", "alert": None},
            "rows": [[{"segment": "cost", "color": "yellow"}]],
        }
    )
    assert made.colors == {"calm": GREEN, "branch": "magenta"}
    assert made.rows[0]["left"] == [("cost", {"segment": "cost", "color": "yellow"})]
    assert Config({"colors": ["red"]}).colors == Config().colors == {}
    style = style_for("default", "unicode", None, {"TERM": "xterm"}.get, colors=made.colors)  # type: ignore[arg-type]
    assert style.code("branch", None) == "35"
