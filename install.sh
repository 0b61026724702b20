#!/bin/sh
# Installs hudline, from the checkout it lies in or from a release: a venv of its own, the `statusline` command, Claude
# Code's setting. All of it is in functions that the last line calls: a script that arrived in part does nothing.
set -eu

usage() {
    cat <<'END'
usage: ./install.sh [--dry-run] [--no-settings] [--chain] [--python PATH] [--from RELEASE [--sha256 HEX]]
       ./install.sh --uninstall [--purge] [--dry-run] [--no-settings]

Makes hudline Claude Code's status line: a venv of its own in your data directory,
the command ~/.local/bin/statusline, and one key in Claude Code's settings.json.
Running it again brings all of that up to date, or changes nothing.

  --dry-run        change nothing, say what would be done
  --no-settings    leave Claude Code's settings alone
  --chain          show the status line that you have now as a row of its own
  --python PATH    use this Python (3.10 or later) instead of looking for one
  --from RELEASE   install this release, not the checkout: a hudline-VERSION.tar.gz, as a file or an https:// URL (also
                   HUDLINE_RELEASE); it is used only if its SHA-256 is the one in RELEASE.sha256, which lies beside it
  --sha256 HEX     the SHA-256 that the release must have, instead of the one beside it
  --uninstall      put the settings back, remove the command and the venv
  --purge          with --uninstall: also remove the cache and the configuration, as far as they are hudline's
  --help           this text

examples:
  ./install.sh
  ./install.sh --python /usr/bin/python3.12
  CLAUDE_CONFIG_DIR=~/.claude-work ./install.sh
  ./install.sh --uninstall
  curl -fsSL https://HOST/install.sh | sh -s -- --from https://HOST/hudline-1.0.0.tar.gz
END
}

say() { printf '%s\n' "$*"; }

fail() {
    printf 'install.sh: %s\n' "$*" >&2
    exit 1
}

# What a person has set for their own Python must not reach ours.
clean_up_environment() {
    unset PYTHONHOME PYTHONPATH PYTHONSTARTUP PYTHONOPTIMIZE PYTHONPYCACHEPREFIX PYTHONDONTWRITEBYTECODE PYTHONUSERBASE
    unset PIP_TARGET PIP_PREFIX PIP_ROOT PIP_PYTHON
    export PIP_USER=0 PIP_REQUIRE_VIRTUALENV=0 PIP_NO_INPUT=1 PIP_DISABLE_PIP_VERSION_CHECK=1
}

mistake() {
    printf 'install.sh: %s\n\n' "$*" >&2
    usage >&2
    exit 2
}

# Sets what the words on the command line ask for.
understand() {
    dry_run=no settings=yes chain=no wanted_python='' action=install purge=no release=${HUDLINE_RELEASE:-} wanted_sum=''
    while [ $# -gt 0 ]; do
        case $1 in
        --dry-run) dry_run=yes ;;
        --no-settings) settings=no ;;
        --chain) chain=yes ;;
        --uninstall) action=uninstall ;;
        --purge) purge=yes ;;
        --python | --from | --sha256)
            [ $# -gt 1 ] || mistake "$1 needs a value"
            set_value "$1" "$2"
            shift
            ;;
        --python=* | --from=* | --sha256=*) set_value "${1%%=*}" "${1#*=}" ;;
        -h | --help)
            usage
            exit 0
            ;;
        *) mistake "unknown option $1" ;;
        esac
        shift
    done
    [ "$purge" = no ] || [ "$action" = uninstall ] || mistake '--purge goes with --uninstall'
}

set_value() {
    case $1 in
    --python) wanted_python=$2 ;;
    --from) release=$2 ;;
    --sha256) wanted_sum=$2 ;;
    esac
}

# Sets where everything goes. The environment is a folder of its own, $data/venv.PID, and $data/venv a link to it: an
# upgrade changes the link in one step, so that no line is ever drawn by half a program.
find_places() {
    if [ -z "${HOME:-}" ] || [ ! -d "$HOME" ]; then
        fail "HOME is not a directory. Set it to your home directory, then run this again."
    fi
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
    bin=$HOME/.local/bin
    link=$bin/statusline
    staged='' log='' unpacked=''
}

# Sets $checkout to the folder of this script if it is one; a script that came through a pipe has no folder.
find_checkout() {
    checkout=''
    case $0 in
    install.sh | */install.sh)
        folder=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
        [ ! -f "$folder/statusline/__init__.py" ] || checkout=$folder
        ;;
    esac
}

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
        import venv
        try:
            import pip
        except ImportError:
            import ensurepip
    except ImportError:
        print("has no venv module (on Debian and Ubuntu: sudo apt install python%d.%d-venv)" % sys.version_info[:2])
' 2>/dev/null
}

# Whether the pip of $python can install into another environment. One that cannot, or none, means that the environment
# gets a pip of its own, which takes as long to make as all the rest.
has_pip() {
    "$python" -I -c '
import pip, sys
sys.exit([int(part) for part in pip.__version__.split(".")[:2]] < [22, 3])' 2>/dev/null
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

# Sets $checkout to the unpacked release, having seen that it is the one that was meant.
take_release() {
    find_python
    unpacked=$(mktemp -d "${TMPDIR:-/tmp}/hudline.XXXXXX")
    bring "$release" "$unpacked/release.tar.gz"
    if [ -z "$wanted_sum" ]; then
        bring "$release.sha256" "$unpacked/sha256"
        read -r wanted_sum _ <"$unpacked/sha256" || :
    fi
    "$python" -I - "$unpacked" "$wanted_sum" <<'END' || fail "$release was not used. Nothing was installed."
import hashlib, os, sys, tarfile

folder, wanted = sys.argv[1:]
with open(os.path.join(folder, "release.tar.gz"), "rb") as file:
    found = hashlib.sha256(file.read()).hexdigest()
if found != wanted.strip().lower():
    sys.exit(f"Its SHA-256 is {found}, and not {wanted.strip() or 'told'}: it arrived damaged, or is not what was meant.")
try:
    with tarfile.open(os.path.join(folder, "release.tar.gz")) as archive:
        archive.extraction_filter = getattr(tarfile, "data_filter", lambda member, path: member)
        members = archive.getmembers()
        plain = [each for each in members if each.isfile() or each.isdir()]
        if len(plain) < len(members) or any(each.name[:1] == "/" or ".." in each.name.split("/") for each in plain):
            sys.exit("It holds more than plain files below one folder.")
        archive.extractall(os.path.join(folder, "release"), members)
except (tarfile.TarError, EOFError, OSError) as error:
    sys.exit(f"It cannot be unpacked: {error}")
END
    for checkout in "$unpacked"/release/*; do :; done
    [ -f "$checkout/statusline/__init__.py" ] || fail "$release is not a release of hudline. Nothing was installed."
}

# Copies a file or https:// URL to a path.
bring() {
    case $1 in
    https://*)
        if command -v curl >/dev/null 2>&1; then
            curl -fsSL --proto '=https' --retry 2 -o "$2" "$1" && return
        elif command -v wget >/dev/null 2>&1; then
            wget -q -O "$2" "$1" && return
        else
            fail "neither curl nor wget is here to fetch $1. Install one, or give --from a file."
        fi
        fail "$1 could not be fetched. Check the address and the network, then run this again. Nothing was installed."
        ;;
    file:///*) cp -- "${1#file://}" "$2" 2>/dev/null && return ;;
    *://*) fail "$1 is neither a file nor an https:// URL. Nothing was installed." ;;
    *) cp -- "$1" "$2" 2>/dev/null && return ;;
    esac
    fail "$1 cannot be read. A release is a hudline-VERSION.tar.gz with its .sha256 beside it. Nothing was installed."
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

# Puts the finished environment into its place in one step. Its scripts are made to name $venv, the link, and so does
# all that they start: `sys.executable`, which goes into the settings, is what a script's first line says. The packages
# get a name without Python's version in it, which the settings then have too.
move_in() {
    "$python" -I - "$staged" "$venv" <<'END'
import glob, os, shutil, sys

staged, final = sys.argv[1:]
scripts = os.path.join(staged, "bin")
command = os.path.join(scripts, "statusline")
with open(command, "rb+") as file:  # -I: what a person's PYTHONPATH holds is not ours to run
    first, rest = file.readline(), file.read()
    if first == b"#!/bin/sh\n":  # as pip writes it where the path is long or has a space
        content = first + rest.replace(b' "$0" "$@"\n', b' -I "$0" "$@"\n', 1)
    else:
        content = first.rstrip() + b" -I\n" + rest
    file.seek(0)
    file.write(content)
for path in [os.path.join(staged, "pyvenv.cfg"), *(os.path.join(scripts, name) for name in os.listdir(scripts))]:
    if os.path.isfile(path) and not os.path.islink(path):
        with open(path, "rb+") as file:
            content = file.read()
            if os.fsencode(staged) in content:
                file.seek(0)
                file.write(content.replace(os.fsencode(staged), os.fsencode(final)))
                file.truncate()
(site,) = glob.glob(os.path.join(glob.escape(staged), "lib", "python3*", "site-packages"))
os.symlink(os.path.relpath(site, staged), os.path.join(staged, "packages"))
old = None
if os.path.islink(final):
    old = os.path.join(os.path.dirname(final), os.readlink(final))
elif os.path.lexists(final):  # as an earlier version made it
    old = staged + ".old"
    os.rename(final, old)
os.symlink(os.path.basename(staged), staged + ".link")
try:
    os.replace(staged + ".link", final)
except OSError:
    if old is not None and not os.path.lexists(final):
        os.rename(old, final)
    raise
if old is not None:
    shutil.rmtree(old, ignore_errors=True)
END
    staged=''
}

is_sound() { # the environment runs, and was made from exactly this
    [ -f "$made_from" ] && [ "$(cat "$made_from")" = "$1" ] && runs
}

runs() { # the help names every command, so all of them are there and can be loaded
    "$venv/bin/statusline" --help >/dev/null 2>&1
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
    if [ -L "$venv" ] && [ ! -e "$venv" ]; then
        case $(readlink "$venv") in
        venv.[0-9]*) return ;; # what it led to has been removed by hand
        esac
    fi
    if { [ -e "$venv" ] || [ -L "$venv" ]; } && [ ! -f "$made_from" ]; then
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

# Removes what runs of this script left that were killed; the environment in use and a living one's folder stay.
sweep() {
    used=$(readlink "$venv" 2>/dev/null) || used=''
    for left in "$data"/venv.[0-9]*; do
        pid=${left#"$data"/venv.}
        pid=${pid%%.*}
        [ -e "$left" ] || [ -L "$left" ] || continue
        [ "${left##*/}" = "$used" ] || kill -0 "$pid" 2>/dev/null || rm -rf "$left"
    done
}

# Removes what this run has left; also when it is interrupted.
# shellcheck disable=SC2329 # a trap calls it
leave_nothing() {
    for left in "$staged" "$log" "$unpacked"; do
        [ -z "$left" ] || rm -rf "$left"
    done
    rmdir "$data" 2>/dev/null || :
}

build() {
    mkdir -p "$data"
    staged=$data/venv.$$
    while [ -e "$staged" ]; do staged=$staged.1; done
    log=$staged.log
    say "Making an environment with $("$python" -V) ($python) ..."
    if has_pip; then
        set -- "$python" -I -m pip --python "$staged/bin/python"
        "$python" -I -m venv --without-pip --prompt hudline "$staged" >"$log" 2>&1
    else
        set -- "$staged/bin/python" -I -m pip
        "$python" -I -m venv --prompt hudline "$staged" >"$log" 2>&1
    fi || {
        tail -n 15 "$log" >&2
        fail "$python could not make a venv. Mend that, or name another Python with --python PATH. Nothing was installed."
    }
    say "Installing hudline and its libraries into it ..."
    "$@" install --quiet "$checkout" >"$log" 2>&1 || {
        tail -n 15 "$log" >&2
        fail "pip could not install hudline and its libraries (see above). Check the network, or the proxy in HTTPS_PROXY, then run this again. Nothing was installed."
    }
    say "$wanted" >"$staged/.hudline-made-from"
    cp "$checkout/install.sh" "$staged/install.sh" # for --uninstall, where there is no checkout
    if [ "$settings" = yes ]; then # before anything is in its place: would the settings take it?
        # shellcheck disable=SC2086 # it is one word or none
        "$staged/bin/python" -I -m statusline.commands.cli install $chained --dry-run >/dev/null ||
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
    is_sound "$wanted" || build
    if [ "$(link_state)" = none ]; then
        mkdir -p "$bin"
        ln -s "$venv/bin/statusline" "$link"
    fi
    if [ "$settings" = yes ]; then
        # shellcheck disable=SC2086 # it is one word or none
        "$venv/bin/statusline" install $chained ||
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
    say "To remove all of it: sh $(quoted "$venv/install.sh") --uninstall"
}

quoted() { # a path, as a shell reads it
    case $1 in
    *[!A-Za-z0-9/._-]*) say "'$(say "$1" | sed "s/'/'\\\\''/g")'" ;;
    *) say "$1" ;;
    esac
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
    elif runs; then
        # shellcheck disable=SC2086 # it is one word or none
        "$venv/bin/statusline" install $chained --dry-run
    else
        # shellcheck disable=SC2086 # it is one word or none
        from_checkout install $chained --dry-run >/dev/null ||
            fail "Claude Code's settings could not be changed (see above), so nothing would be installed; --no-settings goes without."
        say "Would set statusLine in ${CLAUDE_CONFIG_DIR:-$HOME/.claude}/settings.json, keeping the old one for --uninstall."
    fi
}

# Runs a command of this checkout by $python, without the libraries: install --dry-run and uninstall need none.
from_checkout() {
    "$python" -I -B -c 'import sys; sys.path.insert(0, sys.argv.pop(1)); from statusline.commands.cli import main; sys.exit(main(sys.argv[1:]))' "$checkout" "$@"
}

# Runs a command of the installed program, or of this checkout if that is broken.
hudline() {
    if runs; then
        "$venv/bin/statusline" "$@"
    elif [ -n "$checkout" ]; then
        find_python
        from_checkout "$@"
    else
        fail "the program in $venv does not run, and there is no checkout here to put the settings back with. Install it again, then uninstall it."
    fi
}

uninstall_all() {
    must_be_ours
    if [ "$dry_run" = yes ]; then remove='Would remove' && set -- --dry-run; else remove=Removed && set --; fi
    [ "$purge" = no ] || set -- "$@" --purge
    if [ "$settings" = no ]; then
        [ "$purge" = no ] || hudline uninstall "$@" --no-settings ||
            fail "uninstalling stopped there (see above); the program was not removed."
    else
        hudline uninstall "$@" || fail "uninstalling stopped there (see above); the program was not removed."
    fi
    kept=''
    [ "$purge" = yes ] || kept=$("$venv/bin/python" -I -c '
from cache.refresh.storage import cache_directory, config_file
print("\n".join(str(each) for each in (cache_directory(), config_file()) if each.exists()))' 2>/dev/null) || kept=''
    if [ "$(link_state)" = ours ]; then
        [ "$dry_run" = yes ] || rm -f "$link"
        say "$remove $link"
    fi
    if [ -e "$venv" ] || [ -L "$venv" ]; then
        if [ "$dry_run" = no ]; then
            used=$(readlink "$venv") || used=''
            rm -rf "$venv"
            case $used in
            venv.[0-9]*) rm -rf "${data:?}/$used" ;;
            esac
            sweep
            rmdir "$data" 2>/dev/null || :
        fi
        say "$remove $venv"
    fi
    if [ -n "$kept" ] && [ -n "$checkout" ]; then
        say "Your cache and configuration stay (--purge removes them, too):
$kept"
    elif [ -n "$kept" ]; then # this script has just gone with the environment
        say "Your cache and configuration stay; remove them by hand if you want:
$kept"
    fi
}

main() {
    understand "$@"
    clean_up_environment
    find_places
    find_checkout
    chained=''
    [ "$chain" = no ] || chained=--chain
    trap leave_nothing EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
    if [ "$action" = uninstall ]; then
        uninstall_all
        exit
    fi
    [ -z "$release" ] || take_release
    [ -n "$checkout" ] ||
        fail "there is no checkout of hudline here. Run this from one, or name a release with --from. Nothing was installed."
    if [ "$dry_run" = yes ]; then plan_install; else install_all; fi
    exit
}

main "$@" </dev/null
