#!/bin/sh
# Installs hudline from this checkout: a venv of its own, the `statusline` command, Claude Code's setting.
set -eu

usage() {
    cat <<'END'
usage: ./install.sh [--dry-run] [--no-settings] [--python PATH] [--uninstall] [--help]

Makes hudline Claude Code's status line: a venv of its own in your data directory,
the command ~/.local/bin/statusline, and one key in Claude Code's settings.json.
Running it again brings all of that up to date, or changes nothing.

  --dry-run        change nothing, say what would be done
  --no-settings    leave Claude Code's settings alone
  --python PATH    use this Python (3.10 or later) instead of looking for one
  --uninstall      put the settings back, remove the command and the venv
  --help           this text

examples:
  ./install.sh
  ./install.sh --python /usr/bin/python3.12
  CLAUDE_CONFIG_DIR=~/.claude-work ./install.sh
  ./install.sh --uninstall
END
}

say() { printf '%s\n' "$*"; }

fail() {
    printf 'install.sh: %s\n' "$*" >&2
    exit 1
}

# What a person has set for their own Python must not reach ours.
unset PYTHONHOME PYTHONPATH PYTHONSTARTUP PYTHONOPTIMIZE PYTHONPYCACHEPREFIX PYTHONDONTWRITEBYTECODE PYTHONUSERBASE
unset PIP_TARGET PIP_PREFIX PIP_ROOT PIP_PYTHON
export PIP_USER=0 PIP_REQUIRE_VIRTUALENV=0 PIP_NO_INPUT=1 PIP_DISABLE_PIP_VERSION_CHECK=1

dry_run=no settings=yes wanted_python='' action=install
while [ $# -gt 0 ]; do
    case $1 in
    --dry-run) dry_run=yes ;;
    --no-settings) settings=no ;;
    --uninstall) action=uninstall ;;
    --python)
        [ $# -gt 1 ] || { usage >&2; exit 2; }
        wanted_python=$2
        shift
        ;;
    --python=*) wanted_python=${1#--python=} ;;
    -h | --help)
        usage
        exit 0
        ;;
    *)
        printf 'install.sh: unknown option %s\n\n' "$1" >&2
        usage >&2
        exit 2
        ;;
    esac
    shift
done

[ -n "${HOME:-}" ] && [ -d "$HOME" ] || fail "HOME is not a directory. Set it to your home directory, then run this again."
checkout=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)

if [ "$(uname -s)" = Darwin ]; then
    data="$HOME/Library/Application Support/hudline"
else
    case ${XDG_DATA_HOME:-} in
    /*) data=$XDG_DATA_HOME/hudline ;;
    *) data=$HOME/.local/share/hudline ;;
    esac
fi
venv=$data/venv
made_from=$venv/.hudline-made-from # what it was made from; a venv without it is not ours
staged=$data/venv.new.$$
bin=$HOME/.local/bin
link=$bin/statusline

# Prints the interpreter itself behind a name (a shim of pyenv or asdf is a script, ten times slower to start), then
# what keeps it from being used, if anything.
real_python() {
    "$1" -I -c '
import sys
print(getattr(sys, "_base_executable", None) or sys.executable)
if sys.version_info < (3, 10):
    print("is Python %d.%d" % sys.version_info[:2])
else:
    try:
        import ensurepip, venv
    except ImportError:
        print("has no venv module (on Debian and Ubuntu: sudo apt install python%d.%d-venv)" % sys.version_info[:2])
' 2>/dev/null
}

# Sets $python to the first one that will do, or fails with what was found and what to do.
find_python() {
    if [ -n "$wanted_python" ]; then
        set -- "$wanted_python"
    else
        set -- python3 python3.14 python3.13 python3.12 python3.11 python3.10 python \
            /usr/bin/python3 /usr/local/bin/python3 /opt/homebrew/bin/python3
    fi
    seen=''
    for name; do
        found=$(real_python "$name") || continue
        python=$(say "$found" | sed -n 1p)
        trouble=$(say "$found" | sed -n 2p)
        [ -n "$trouble" ] || return 0
        case $seen in *"$python $trouble"*) ;; *) seen="$seen
  $python $trouble" ;; esac
    done
    if [ -n "$wanted_python" ] && [ -z "$seen" ]; then
        fail "$wanted_python is not a Python that runs. Give --python the path of one, 3.10 or later."
    elif [ -z "$seen" ]; then
        fail "no Python found. Install Python 3.10 or later, or name one with --python PATH; then run this again."
    fi
    fail "no Python 3.10 or later with its venv module found:$seen
Install what is missing, or name another one with --python PATH; then run this again. Nothing was installed."
}

# Prints what an installation is made from: the interpreter and every file of the checkout that goes into it.
fingerprint() {
    "$python" -I - "$checkout" <<'END'
import hashlib, os, sys

digest = hashlib.sha256()
for top in ("pyproject.toml", "README.md", "LICENSE", ".build", "statusline", "cache"):
    path = os.path.join(sys.argv[1], top)
    names = [path] if os.path.isfile(path) else []
    for folder, below, files in os.walk(path):
        below[:] = [each for each in below if each != "__pycache__"]
        names += [os.path.join(folder, each) for each in files]
    for name in sorted(names):
        with open(name, "rb") as file:
            content = file.read()
        digest.update(b"%s %d " % (os.fsencode(os.path.relpath(name, sys.argv[1])), len(content)) + content)
print(sys.executable, sys.version.split()[0], digest.hexdigest())
END
}

# Moves the finished environment to its place. Its scripts name the folder they were made in; a symlink in the path
# would do without that, but then `sys.executable`, which goes into the settings, would name the old folder.
move_in() {
    "$python" -I - "$staged" "$venv" <<'END'
import os, shutil, sys

staged, final = sys.argv[1:]
scripts = os.path.join(staged, "bin")
for path in [os.path.join(staged, "pyvenv.cfg"), *(os.path.join(scripts, name) for name in os.listdir(scripts))]:
    if os.path.isfile(path) and not os.path.islink(path):
        with open(path, "rb+") as file:
            content = file.read()
            if os.fsencode(staged) in content:
                file.seek(0)
                file.write(content.replace(os.fsencode(staged), os.fsencode(final)))
                file.truncate()
old = staged + ".old"
if os.path.lexists(final):
    os.rename(final, old)
try:
    os.rename(staged, final)
except OSError:
    os.rename(old, final)
    raise
shutil.rmtree(old, ignore_errors=True)
END
}

is_sound() { # the environment runs, and was made from exactly this
    [ -f "$made_from" ] && [ "$(cat "$made_from")" = "$1" ] && "$venv/bin/statusline" --version >/dev/null 2>&1
}

# Says what stands at ~/.local/bin/statusline: ours, foreign, or none.
link_state() {
    if [ -L "$link" ] && [ "$(readlink "$link")" = "$venv/bin/statusline" ]; then
        say ours
    elif [ -e "$link" ] || [ -L "$link" ]; then
        say foreign
    else
        say none
    fi
}

must_be_ours() {
    if [ -e "$venv" ] && [ ! -f "$made_from" ]; then
        fail "$venv is there, but was not made by this script. Move it away, then run this again."
    fi
}

must_be_writable() {
    for folder in "$data" "$bin"; do
        above=$folder
        while [ ! -e "$above" ]; do above=$(dirname -- "$above"); done
        [ -d "$above" ] && [ -w "$above" ] ||
            fail "$above cannot be written. Mend its rights (or HOME, or XDG_DATA_HOME), then run this again. Nothing was installed."
    done
}

# Removes what runs of this script left that were killed; a living one's folder stays.
sweep() {
    for left in "$data"/venv.new.*; do
        pid=${left#"$data"/venv.new.}
        pid=${pid%.*}
        [ -d "$left" ] && ! kill -0 "$pid" 2>/dev/null && rm -rf "$left"
    done
    return 0
}

build() {
    mkdir -p "$data"
    say "Making an environment with $("$python" -V) ($python) ..."
    "$python" -I -m venv --prompt hudline "$staged" >"$log" 2>&1 || {
        tail -n 15 "$log" >&2
        fail "$python could not make a venv. Mend that, or name another Python with --python PATH. Nothing was installed."
    }
    say "Installing hudline and its libraries into it ..."
    "$staged/bin/python" -I -m pip install --quiet "$checkout" >"$log" 2>&1 || {
        tail -n 15 "$log" >&2
        fail "pip could not install hudline and its libraries (see above). Check the network, or the proxy in HTTPS_PROXY, then run this again. Nothing was installed."
    }
    say "$1" >"$staged/.hudline-made-from"
    if [ "$settings" = yes ]; then # before anything is in its place: would the settings take it?
        "$staged/bin/python" -I -m statusline.commands.cli install --dry-run >/dev/null ||
            fail "Claude Code's settings cannot be changed (see above). Nothing was installed; --no-settings goes without."
    fi
    move_in
}

install_all() {
    find_python
    must_be_ours
    must_be_writable
    sweep
    wanted=$(fingerprint)
    log=$data/venv.new.$$.log
    trap 'rm -rf "$staged" "$log"; rmdir "$data" 2>/dev/null || :' EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
    is_sound "$wanted" || build "$wanted"
    if [ "$(link_state)" = none ]; then
        mkdir -p "$bin"
        ln -s "$venv/bin/statusline" "$link"
    fi
    if [ "$settings" = yes ]; then
        "$venv/bin/statusline" install ||
            fail "the program is installed in $venv, but Claude Code's settings were not changed (see above). Then: $venv/bin/statusline install"
    fi
    say ''
    say "Program: $venv"
    if [ "$(link_state)" = ours ]; then
        say "Command: $link"
        case ":$PATH:" in
        *":$bin:"*) ;;
        *) say "  $bin is not on your PATH: add it, or type the whole path." ;;
        esac
    else
        say "Command: $venv/bin/statusline"
        say "  $link is somebody else's and was left alone."
    fi
    [ "$settings" = yes ] || say "Claude Code's settings were left alone; to use it there: $venv/bin/statusline install"
    say "To remove all of it: $checkout/install.sh --uninstall"
}

plan_install() {
    find_python
    must_be_ours
    say "Python: $python ($("$python" -V))"
    if is_sound "$(fingerprint)"; then
        say "Would keep the environment $venv: it is up to date."
    else
        say "Would make the environment $venv and install hudline and its libraries into it."
    fi
    case $(link_state) in
    none) say "Would link $link to it." ;;
    ours) say "Would keep the command $link." ;;
    foreign) say "Would leave $link alone: it is somebody else's." ;;
    esac
    if [ "$settings" = no ]; then
        say "Would leave Claude Code's settings alone."
    elif [ -x "$venv/bin/statusline" ]; then
        "$venv/bin/statusline" install --dry-run
    else
        say "Would set statusLine in ${CLAUDE_CONFIG_DIR:-$HOME/.claude}/settings.json, keeping the old one for --uninstall."
    fi
}

# Runs a command of the installed program, or of this checkout if that is broken.
hudline() {
    if "$venv/bin/statusline" --version >/dev/null 2>&1; then
        "$venv/bin/statusline" "$@"
    else
        find_python
        "$python" -I -c 'import sys; sys.path.insert(0, sys.argv.pop(1)); from statusline.commands.cli import main; sys.exit(main(sys.argv[1:]))' "$checkout" "$@"
    fi
}

uninstall_all() {
    must_be_ours
    if [ "$dry_run" = yes ]; then remove='Would remove' && set -- --dry-run; else remove=Removed && set --; fi
    if [ "$settings" = yes ]; then
        hudline uninstall "$@" || fail "the settings were not put back (see above), so nothing was removed."
    fi
    kept=$("$venv/bin/python" -I -c '
from cache.disk import cache_directory, config_file
print("\n".join(str(each) for each in (cache_directory(), config_file()) if each.exists()))' 2>/dev/null) || kept=''
    if [ "$(link_state)" = ours ]; then
        [ "$dry_run" = yes ] || rm -f "$link"
        say "$remove $link"
    fi
    if [ -e "$venv" ]; then
        if [ "$dry_run" = no ]; then
            rm -rf "$venv"
            sweep
            rmdir "$data" 2>/dev/null || :
        fi
        say "$remove $venv"
    fi
    [ -z "$kept" ] || say "Your cache and configuration stay:
$kept"
}

[ -f "$checkout/statusline/__init__.py" ] || fail "run this from a checkout of hudline: there is none in $checkout."
if [ "$action" = uninstall ]; then
    uninstall_all
elif [ "$dry_run" = yes ]; then
    plan_install
else
    install_all
fi
