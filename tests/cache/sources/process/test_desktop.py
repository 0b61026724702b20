"""Notifications: the text reaches the program as an argument, whatever is in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from cache.sources.process import desktop
from cache.sources.process.desktop import notifier, notify
from tests.support.fake_notifier import FakeNotifier

HOSTILE = """<b>&x</b> " & (do shell script "touch /tmp/x") & " $(touch x) `touch x` \\033[31m --help"""


def test_notify_send_gets_no_markup_no_escape_and_no_option(tmp_path: Path) -> None:
    fake = FakeNotifier(tmp_path / "bin")
    assert notify(HOSTILE, fake.env, 5) is None
    escaped = HOSTILE.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\\", "\\\\")
    assert fake.calls == [f"[--app-name=hudline][--][Claude Code][{escaped}]"]
    assert fake.noted("input") == ""


def test_osascript_gets_a_fixed_script_and_the_text_as_an_argument(tmp_path: Path) -> None:
    fake = FakeNotifier(tmp_path / "bin", "osascript")
    assert notify(HOSTILE, fake.env, 5) is None
    assert fake.calls == [f"[-][Claude Code][{HOSTILE}]"]
    assert fake.noted("input") == (
        "on run argv\n    display notification (item 2 of argv) with title (item 1 of argv)\nend run\n"
    )


def test_it_gets_no_secret_and_no_address_of_a_bus(tmp_path: Path) -> None:
    fake = FakeNotifier(tmp_path / "bin")
    bus = {"DBUS_SESSION_BUS_ADDRESS": "unixexec:path=/repo/x", "PATH": "/repo", "LD_PRELOAD": "/repo/x.so"}
    assert (
        notify("api sk-ant-oat01-CANARYCANARYCANARY", {**fake.env, **bus, "HOME": "/h", "TOKEN": "CANARY"}, 5) is None
    )
    assert "CANARY" not in fake.noted("env") + fake.noted("calls")
    assert "/repo" not in fake.noted("env")
    assert "HOME=/h\n" in fake.noted("env")
    assert "PATH=/usr/bin:/bin\n" in fake.noted("env")


def test_a_long_text_is_cut(tmp_path: Path) -> None:
    fake = FakeNotifier(tmp_path / "bin")
    notify("x y " * 1000, fake.env, 5)
    assert len(fake.texts[0]) <= 300


def test_a_program_that_fails_is_named(tmp_path: Path) -> None:
    fake = FakeNotifier(tmp_path / "bin")
    (fake.folder / "exit").write_text("4")
    assert str(notify("x", fake.env, 5)) == f"{fake.program} exited with 4"
    fake.program.write_bytes(b"\x7fELF")
    assert "could not be started" in str(notify("x", fake.env, 5))


def test_a_program_that_hangs_is_ended(tmp_path: Path) -> None:
    fake = FakeNotifier(tmp_path / "bin")
    fake.program.write_text("#!/bin/sh\nsleep 60\n")
    assert "took longer than" in str(notify("x", fake.env, 0.2))


def test_without_a_program_the_next_step_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(desktop, "OSASCRIPT", str(tmp_path / "none"))
    monkeypatch.setattr(desktop, "NOTIFY_SEND", (str(tmp_path / "nothing"),))
    assert notifier({}) == ""
    assert str(notify("x", {}, 5)) == "no program for notifications: install notify-send (libnotify)"


def test_the_programs_are_absolute_and_never_looked_up_on_the_path() -> None:
    programs = (desktop.OSASCRIPT, *desktop.NOTIFY_SEND)
    assert all(each.startswith(("/usr/", "/opt/homebrew/bin/")) for each in programs)
