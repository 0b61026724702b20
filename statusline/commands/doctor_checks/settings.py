"""Claude Code's settings: whose line it runs, how often, and whether it runs any."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from cache.model.jsonio import mapping, number
from statusline.commands.claude_settings.settings import KEY, REFRESH_S, settings_file
from statusline.commands.claude_settings.tick_command import is_ours
from statusline.commands.doctor_checks.result import Finding, failed, ok, skipped, warning
from statusline.commands.doctor_checks.settings_scopes import setting_of
from statusline.commands.support.plain_text import short

if TYPE_CHECKING:
    from statusline.commands.doctor_checks.context import Context
    from statusline.commands.doctor_checks.settings_scopes import Scope

TRUE = {"1", "true", "yes", "on"}


def settings(context: Context) -> Finding:
    """Say whose status line Claude Code runs in this folder."""
    name = "settings"
    for each in context.scopes:
        if each.trouble:
            step = "Mend that file: Claude Code cannot read it either."
            return failed(name, f"{each.path} counts for nothing: {each.trouble}", step, blank=True)
    winner = context.line
    if winner is None:
        path = settings_file("user", context.env, context.cwd)
        return failed(
            name, f"no {KEY} in {path}, nor in this folder's settings", "Run `statusline install`.", blank=True
        )
    if winner.times > 1:
        step = f'Remove all but one "{KEY}" from {winner.path}.'
        return warning(name, f'{winner.path} has "{KEY}" {winner.times} times; the last one counts', step, blank=True)
    if context.paths is None:
        return _another(context, winner)
    if mapping(winner.line).get("type") != "command":
        step = f'Write "type": "command" into {KEY} in {winner.path}.'
        return failed(name, f"{KEY} in {winner.path} is not of the type command", step, blank=True)
    others = [each for each in context.scopes if each.line is not None and each is not winner]
    over = f"; it wins over {', '.join(str(each.path) for each in others)}" if others else ""
    more = f"; around hudline's part there is more: {short(winner.command or '')}" if context.is_wrapped else ""
    return ok(name, f"hudline is the status line in {winner.path} ({winner.name}){over}{more}")


def _another(context: Context, winner: Scope) -> Finding:
    """Tell of a line that is not ours, or not surely so; it is shown and never run."""
    written = short(winner.command or json.dumps(winner.line, ensure_ascii=False))
    shown = written if winner.command else f"without a command, so Claude Code runs none: {written}"
    if winner.trusted and is_ours(winner.command):
        said = f"hudline's part of the command in {winner.path} has been edited, so it was not run: {shown}"
        step = f"Take {KEY} out of that file, keeping what is yours of it, then run `statusline install`."
        return warning("settings", said, step, blank=True)
    said = f"{winner.path} ({winner.name}) has another status line, which was not run: {shown}"
    others = [each for each in context.scopes if each is not winner]
    if any(is_ours(each.command) for each in others):
        said = f"{said}; it wins over hudline's"
    steps = {
        "managed": "Ask your administrator: no setting of yours wins over this one.",
        "local": "Run `statusline install --scope local` here, or take that line out.",
        "project": "Run `statusline install --scope local` here: it wins over the project's, for you alone.",
        "user": "Run `statusline install`; it keeps the other one for `uninstall`.",
    }
    return failed("settings", said, steps[winner.name], blank=True)


def interval(context: Context) -> Finding:
    """Say how often the line is drawn while nothing happens, and whether it is as wide as it thinks."""
    name, chosen = "interval", mapping(context.line.line) if context.line and context.paths else {}
    if not context.line or not chosen:
        return skipped(name, "Claude Code's status line is not hudline's")
    seconds, path = number(chosen.get("refreshInterval")), context.line.path
    if seconds is None or seconds < 1:
        said = f"no usable refreshInterval in {KEY} in {path}: the line stands still while nothing happens"
        return warning(name, said, f'Write "refreshInterval": {REFRESH_S} into it (a number of seconds, 1 or more).')
    padding = chosen.get("padding") or 0
    if padding != context.config.padding:
        said = f"padding is {padding} in {path}, and {context.config.padding} in the configuration: rows may be cut"
        return warning(name, said, f'Write "padding": {padding} into {context.config_path}.')
    return ok(name, f"drawn at least every {seconds:g} s")


def hooks(context: Context) -> Finding:
    """Say whether a setting keeps Claude Code from running any status line."""
    name = "hooks"
    off, where = setting_of(context.scopes, "disableAllHooks")
    if off is True and where:
        step = f'Take "disableAllHooks" out of {where.path}.'
        if where.name == "managed":
            step = "Ask your administrator: that is a managed setting."
        return failed(name, f"disableAllHooks in {where.path} turns the status line off, too", step, blank=True)
    alone, where = setting_of([each for each in context.scopes if each.name == "managed"], "allowManagedHooksOnly")
    if alone is True and where and (context.line is None or context.line.name != "managed"):
        step = "Ask your administrator to allow it, or to set hudline's line there."
        return failed(name, f"allowManagedHooksOnly in {where.path}: only managed lines are run", step, blank=True)
    if context.env.get("CLAUDE_CODE_SAFE_MODE", "").lower() in TRUE:
        return failed(name, "CLAUDE_CODE_SAFE_MODE is set: no status line is run", "Unset it.", blank=True)
    return ok(name, "no setting turns the status line off")
