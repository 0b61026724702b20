"""The names that a configuration gives to accounts: read only where something shows one."""

from cache.model.jsonio import mapping, words
from statusline.render.sanitize import sanitize
from statusline.render.width import cut

PREFIX_AT_LEAST, ACCOUNT_NAME_CELLS, NAMED_ACCOUNTS_AT_MOST = 8, 24, 32


def names_in(value: "object") -> "dict[str, str]":
    """Return the setting ``accounts`` by id or its beginning, without what makes no sense."""
    rows = list(mapping(value).items())[:NAMED_ACCOUNTS_AT_MOST]
    named = {key: cut(sanitize(words(each) or "").strip(), ACCOUNT_NAME_CELLS) for key, each in rows}
    return {key: name for key, name in named.items() if name and len(key) >= PREFIX_AT_LEAST}


def account_name(names: "object", account: "str", others: "list[str]") -> "str":
    """Return what the setting ``accounts`` calls an account, by its id or the beginning of it; empty if nothing.

    A beginning that another account of ``others`` has, too, names neither; nor do two that name it differently.
    """
    found = set()
    for key, name in names_in(names).items():
        if key == account:
            return name
        is_of_another = any(each != account and each.startswith(key) for each in others)
        if account.startswith(key) and not is_of_another:
            found.add(name)
    return found.pop() if len(found) == 1 else ""
