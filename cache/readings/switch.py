"""Changes a config directory after a switch of the account, or after the clock was set back."""

from cache.model.windows import AHEAD_S
from cache.readings.directory import NEVER_AT, UNKNOWN, is_former_id, owner_key

TYPE_CHECKING = False
if TYPE_CHECKING:
    from cache.readings.directory import Directory

FORMERS_AT_MOST = 4


def switch_account(directory: "Directory", name: "str", now: "float") -> "bool":
    """Make another account the directory's; return whether there was one before, perhaps before a sign-out."""
    former = directory.account
    directory.account, directory.account_at, directory.is_changed = name, now, True
    if former is not None and directory.switched_at is None and _is_first_name(directory, former):
        rename_owner(directory, former, name)
        return False
    before = [former, *[each for each in directory.formers if each != former]]
    directory.formers = [each for each in before if each is not None and each not in {name, UNKNOWN}][:FORMERS_AT_MOST]
    directory.login_at = None
    if not directory.formers:
        return False
    directory.switched_at = now
    for process in directory.processes:
        if process.owner in {former, name}:
            process.owner = None
    directory.confirmed, directory.ask = False, True
    return True


def _is_first_name(directory: "Directory", former: "str") -> "bool":
    """Return whether an account got its name, or another kind of name, while its login stayed the same."""
    return is_former_id(former) or (former == UNKNOWN and directory.login_at is None)


def rename_owner(directory: "Directory", before: "str", name: "str") -> "None":
    """Move what is kept under one id to another."""
    owner, key = directory.owners.drop(owner_key(before, directory.name)), owner_key(name, directory.name)
    if owner is not None and directory.owners.get(key) is None:
        directory.owners.known[key] = owner
    for process in directory.processes:
        process.owner = name if process.owner == before else process.owner
    for content in directory.contents:
        content.owner = name if content.owner == before else content.owner


def set_back(directory: "Directory", now: "float") -> "None":
    """Mark times in the future as unknown, as the clock was set back."""
    ahead = now + AHEAD_S
    for owner in directory.owners.all():
        owner.answered_at = min(owner.answered_at, now)
        for reading in owner.readings:
            if reading.made_at > ahead:
                reading.made_at = reading.seen_at = now
                reading.dated = False
    for content in directory.contents:
        if content.first_seen_at > ahead:
            content.first_seen_at, content.dated = now, False
    if directory.switched_at is not None:
        directory.switched_at = min(directory.switched_at, now)
    if directory.login_at is not None:
        directory.login_at = min(directory.login_at, now)
    directory.account_at, directory.heard_at = min(directory.account_at, now), min(directory.heard_at, now)
    directory.written_at, directory.is_changed = max(min(directory.written_at, now), NEVER_AT), True
