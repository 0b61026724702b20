#!/bin/sh
# Installs hudline from the checkout around this script or from a release: a virtual environment, the `statusline`
# command, and Claude Code's setting. Everything is in functions that the last line calls, so that a script that was
# only partly downloaded does nothing.
set -eu

usage() {
    cat <<'END'
usage: ./install.sh [--dry-run] [--no-settings] [--chain] [--no-lock] [--python PATH]
                    [--from RELEASE [--sha256 HEX]]
       ./install.sh --uninstall [--purge] [--dry-run] [--no-settings]

Makes hudline Claude Code's status line. Creates a virtual environment in your data
directory and the command ~/.local/bin/statusline, and sets one key in Claude Code's
settings.json. Run it again to upgrade; if it is up to date, nothing changes.

  --dry-run        change nothing; print what would be done
  --no-settings    do not change Claude Code's settings
  --chain          keep your previous status line as an extra row
  --python PATH    use this Python (3.10 or later)
  --no-lock        let pip choose the versions of the libraries, if those in hudline's lock do not fit this system;
                   no hashes are checked then
  --from RELEASE   install a release instead of the checkout: the path or https:// URL of a hudline-VERSION.tar.gz
                   (or set HUDLINE_RELEASE). Its SHA-256 must match the file RELEASE.sha256 next to it, which proves
                   that the archive is complete, not who made it
  --sha256 HEX     check the release against this SHA-256, from a source that you trust, instead of RELEASE.sha256
  --uninstall      restore the settings, remove the command and the environment
  --purge          with --uninstall: also remove hudline's cache and configuration
  --help           show this text

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

# Settings for other Pythons must not affect this one.
clean_up_environment() {
    unset PYTHONHOME PYTHONPATH PYTHONSTARTUP PYTHONOPTIMIZE PYTHONPYCACHEPREFIX PYTHONDONTWRITEBYTECODE PYTHONUSERBASE
    unset PIP_TARGET PIP_PREFIX PIP_ROOT PIP_PYTHON
    export PYTHONUTF8=1 # paths are text in UTF-8, whatever the locale is
    export PIP_USER=0 PIP_REQUIRE_VIRTUALENV=0 PIP_NO_INPUT=1 PIP_DISABLE_PIP_VERSION_CHECK=1
    export PIP_REQUIRE_HASHES=0 # the checkout has none; for all else it is an argument
}

usage_error() {
    printf 'install.sh: %s\n\n' "$*" >&2
    usage >&2
    exit 2
}

# Sets variables from the command line.
parse_arguments() {
    dry_run=no settings=yes chain=no lock=yes wanted_python='' action=install purge=no release=${HUDLINE_RELEASE:-} wanted_sum=''
    while [ $# -gt 0 ]; do
        case $1 in
        --dry-run) dry_run=yes ;;
        --no-settings) settings=no ;;
        --chain) chain=yes ;;
        --no-lock) lock=no ;;
        --uninstall) action=uninstall ;;
        --purge) purge=yes ;;
        --python | --from | --sha256)
            [ $# -gt 1 ] || usage_error "$1 needs a value"
            set_value "$1" "$2"
            shift
            ;;
        --python=* | --from=* | --sha256=*) set_value "${1%%=*}" "${1#*=}" ;;
        -h | --help)
            usage
            exit 0
            ;;
        *) usage_error "unknown option $1" ;;
        esac
        shift
    done
    [ "$purge" = no ] || [ "$action" = uninstall ] || usage_error '--purge needs --uninstall'
}

set_value() {
    case $1 in
    --python) wanted_python=$2 ;;
    --from) release=$2 ;;
    --sha256) wanted_sum=$2 ;;
    esac
}

# Sets all paths. The environment is the folder $data/venv.PID, and $data/venv a link to it: an upgrade replaces the
# link in one step, so that no line is ever drawn by half a program.
set_paths() {
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
    # An installed copy of this script is about the installation that it is in, which XDG_DATA_HOME may have placed.
    if [ "$installed_copy" = yes ] && [ -f "$folder/.hudline-made-from" ] &&
        [ "$(cd -P -- "$folder" && pwd)" != "$(cd -P -- "$data/venv" 2>/dev/null && pwd)" ]; then
        data=$(dirname -- "$folder")
    fi
    venv=$data/venv
    made_from=$venv/.hudline-made-from # its fingerprint; an environment without this file is not ours
    bin=$HOME/.local/bin
    link=$bin/statusline
    staged='' scratch='' unpacked='' python=''
}

# Sets $checkout to the folder of this script if that is a checkout, or to the sources that an installation keeps; a
# script read from a pipe has no folder.
find_checkout() {
    checkout='' installed_copy=no
    case $0 in
    install.sh | */install.sh)
        folder=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
        if [ -f "$folder/statusline/__init__.py" ]; then
            checkout=$folder
        elif [ -f "$folder/source/statusline/__init__.py" ]; then
            checkout=$folder/source installed_copy=yes
        fi
        ;;
    esac
}

# Refuses to work for another user's home: the files would belong to root.
check_user() {
    [ "$(id -u)" = 0 ] && [ -n "${SUDO_UID:-}${DOAS_USER:-}" ] || return 0
    # shellcheck disable=SC2012 # the owner's number is the third word in every ls; stat differs between systems
    [ "$(ls -ldn "$HOME" | awk '{print $3}')" = 0 ] ||
        fail "you are root, but $HOME is another user's home. Run this without sudo. Nothing was changed."
}

# Prints the real interpreter behind a name (a shim of pyenv or asdf is a script that starts ten times slower), and on a
# second line why it cannot be used, if so.
real_python() {
    "$1" -I -X utf8 -c '
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

# Prints the script with which a pip of $python runs in another environment, as `pip --python` does: its own pip, or the
# one that it would copy into each environment, unpacked into $scratch. If there is none, or an old one, the environment
# gets its own pip, which takes as long as everything else together.
pip_runner() {
    "$python" -I -X utf8 - "$scratch/pip" 2>/dev/null <<'END' || :
import glob, os, re, sys, sysconfig, zipfile

try:
    import pip
    folder, version = os.path.dirname(pip.__file__), pip.__version__
except ImportError:
    import ensurepip
    bundled = os.path.join(os.path.dirname(ensurepip.__file__), "_bundled")
    places = bundled, sysconfig.get_config_var("WHEEL_PKG_DIR") or bundled  # the latter in Linux distributions
    wheels = [wheel for place in places for wheel in glob.glob(os.path.join(glob.escape(place), "pip-*.whl"))]
    with zipfile.ZipFile(wheels[0]) as archive:
        archive.extractall(sys.argv[1])
    folder, version = os.path.join(sys.argv[1], "pip"), os.path.basename(wheels[0])
runner = os.path.join(folder, "__pip-runner__.py")
if [int(part) for part in re.findall("[0-9]+", version)[:2]] >= [22, 3] and os.path.isfile(runner):
    print(runner)
END
}

# Succeeds for a Python that goes with its environment: one of conda, of Nix, or in a cache, as uv makes them.
may_vanish() {
    [ "${CONDA_DEFAULT_ENV:-}" = base ] && case $1 in "${CONDA_PREFIX:-/none}"/*) return 1 ;; esac
    case $1 in
    "${VIRTUAL_ENV:-/none}"/* | "${CONDA_PREFIX:-/none}"/* | "${XDG_CACHE_HOME:-$HOME/.cache}"/* | /nix/store/*) return 0 ;;
    esac
    return 1
}

# Prints the interpreter that the present environment was made with, if it still works.
present_python() {
    [ -f "$made_from" ] || return 0
    present=$(sed -n '1s/ [^ ]* [^ ]*$//p' "$made_from")
    found=$(real_python "$present") || return 0
    [ -n "$(say "$found" | sed -n 2p)" ] || say "$present"
}

# Prints the first of the interpreters, one per line, or another that starts at least 5 % quicker: each tick is a start.
# Two equal ones differ by up to 3 % in this measurement, also on a busy machine.
# An older one is not taken: its support ends earlier, and it is removed earlier.
quickest_python() {
    "$(say "$1" | sed -n 1p)" -I -X utf8 - "$1" <<'END'
import signal, statistics, subprocess, sys, time

signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C ends it without a traceback

def start_of(python):
    began = time.perf_counter()
    subprocess.run([python, "-I", "-S", "-c", "pass"], check=True)
    return time.perf_counter() - began

def is_older(python):  # than the first, which runs this
    is_lower = f"sys.version_info[:2] < {sys.version_info[:2]}"
    return subprocess.run([python, "-I", "-S", "-c", f"import sys; sys.exit({is_lower})"]).returncode != 0

first, *others = sys.argv[1].split("\n")
pythons = [first, *(python for python in others if not is_older(python))]
taken = {python: [] for python in pythons}
for _ in range(20 if len(pythons) > 1 else 0):
    for python in pythons:
        taken[python].append(start_of(python))
median = {python: statistics.median(seconds or [0]) for python, seconds in taken.items()}
best = min(pythons, key=median.__getitem__)
print(best if median[best] <= 0.95 * median[first] else first)
END
}

# Sets $python to the one of the present environment. Without one, to a usable one that will stay: the first, or one that
# starts clearly quicker; else to the first usable one. Fails with what was found and what to do.
find_python() {
    [ -z "$python" ] || return 0
    [ -n "$wanted_python" ] || python=$(present_python)
    [ -z "$python" ] || return 0
    if [ -n "$wanted_python" ]; then
        set -- "$wanted_python"
    else
        set -- python3 python3.14 python3.13 python3.12 python3.11 python3.10 python \
            /usr/bin/python3 /usr/local/bin/python3 /opt/homebrew/bin/python3
    fi
    seen='' passing='' usable=''
    for name; do
        found=$(real_python "$name") || continue
        python=$(say "$found" | sed -n 1p)
        trouble=$(say "$found" | sed -n 2p)
        if [ -z "$trouble" ]; then
            if [ -n "$wanted_python" ]; then return 0; fi
            if may_vanish "$python"; then passing=${passing:-$python}; else usable="$usable
$python"; fi
            continue
        fi
        case $seen in *"
  $python $trouble"*) ;; *) seen="$seen
  $python $trouble" ;; esac
    done
    python=$passing # better than none
    [ -z "$usable" ] || python=$(quickest_python "$(say "$usable" | sed '1d' | awk '!seen[$0]++')")
    [ -z "$python" ] || return 0
    if [ -n "$wanted_python" ] && [ -z "$seen" ]; then
        fail "$wanted_python is not a working Python. Pass --python the path of Python 3.10 or later."
    elif [ -z "$seen" ]; then
        fail "no Python found. Install Python 3.10 or later, or pass --python PATH, then run this again."
    fi
    fail "found no Python 3.10 or later with the venv module:$seen
Install what is missing, or pass --python PATH, then run this again. Nothing was installed."
}

# Checks the release, unpacks it and sets $checkout to the result.
unpack_release() {
    find_python
    unpacked=$(mktemp -d "${TMPDIR:-/tmp}/hudline.XXXXXX")
    fetch "$release" "$unpacked/release.tar.gz"
    if [ -n "$wanted_sum" ]; then
        proof="The SHA-256 of $release is the one that you passed."
    else
        fetch "$release.sha256" "$unpacked/sha256"
        read -r wanted_sum _ <"$unpacked/sha256" || :
        proof="The SHA-256 of $release is the one in $release.sha256: the archive is complete. This does not prove who made it; to check that, pass --sha256 with the value from a source that you trust."
    fi
    "$python" -I -X utf8 - "$unpacked" "$wanted_sum" <<'END' || fail "$release cannot be used. Nothing was installed."
import hashlib, os, sys, tarfile

folder, wanted = sys.argv[1:]
with open(os.path.join(folder, "release.tar.gz"), "rb") as file:
    found = hashlib.sha256(file.read()).hexdigest()
if found != wanted.strip().lower():
    sys.exit(f"SHA-256 mismatch: found {found}, expected {wanted.strip() or 'one in the .sha256 file'}. The file is damaged or not the one you meant.")
try:
    with tarfile.open(os.path.join(folder, "release.tar.gz")) as archive:
        archive.extraction_filter = getattr(tarfile, "data_filter", lambda member, path: member)
        members = archive.getmembers()
        plain = [member for member in members if member.isfile() or member.isdir()]
        if len(plain) < len(members) or any(member.name[:1] == "/" or ".." in member.name.split("/") for member in plain):
            sys.exit("The archive contains something other than plain files in one folder.")
        archive.extractall(os.path.join(folder, "release"), members)
except (tarfile.TarError, EOFError, OSError) as error:
    sys.exit(f"The archive cannot be unpacked: {error}")
END
    for checkout in "$unpacked"/release/*; do :; done
    [ -f "$checkout/statusline/__init__.py" ] || fail "$release is not a release of hudline. Nothing was installed."
    say "$proof"
}

# Copies a file or https:// URL to a path.
fetch() {
    case $1 in
    https://*)
        if command -v curl >/dev/null 2>&1; then
            curl -fsSL --proto '=https' --retry 2 -o "$2" "$1" && return
        elif command -v wget >/dev/null 2>&1; then
            wget -q --max-redirect=0 -O "$2" "$1" && return # it cannot be held to https on redirects, as curl can
        else
            fail "downloading $1 needs curl or wget. Install one of them, or pass --from a file."
        fi
        fail "$1 could not be downloaded. Check the URL and the network (without curl it must not be a redirect), then run this again. Nothing was installed."
        ;;
    file:///*) cp -- "${1#file://}" "$2" 2>/dev/null && return ;;
    *://*) fail "$1 is neither a file nor an https:// URL. Nothing was installed." ;;
    *) cp -- "$1" "$2" 2>/dev/null && return ;;
    esac
    fail "$1 cannot be read. A release is a hudline-VERSION.tar.gz with a .sha256 file next to it. Nothing was installed."
}

# Prints a fingerprint of an installation: the interpreter, and a digest of every file that goes into it and of whether
# its libraries are those of the lock.
fingerprint() {
    "$python" -I -X utf8 - "$checkout" "$lock" <<'END'
import hashlib, os, sys

digest = hashlib.sha256(b"" if sys.argv[2] == "yes" else b"no lock")
for top in ("pyproject.toml", "README.md", "LICENSE", ".build", "statusline", "cache"):
    path = os.path.join(sys.argv[1], top)
    names = [path] if os.path.isfile(path) else []
    for folder, below, files in os.walk(path):
        below[:] = [name for name in below if name != "__pycache__"]
        names += [os.path.join(folder, name) for name in files]
    for name in sorted(names):
        with open(name, "rb") as file:
            content = file.read()
        digest.update(b"%s %d " % (os.fsencode(os.path.relpath(name, sys.argv[1])), len(content)) + content)
print(sys.executable, sys.version.split()[0], digest.hexdigest())
END
}

# Replaces the link to the environment in one step. First the scripts in it are changed to name the link, $venv: with
# which path Python is started decides what `sys.executable` is, and that goes into the settings. The link `packages`
# gives the settings a path without Python's version.
move_in() {
    "$python" -I -X utf8 - "$staged" "$venv" <<'END'
import glob, os, re, shlex, shutil, sys

# -I: ignore PYTHONPATH.
COMMAND = """\
#!/bin/sh
# The `statusline` command: hudline with the Python of its environment.
python=PYTHON
repair=REPAIR
if [ -x "$python" ]; then
    exec "$python" -I -X utf8 -c 'import sys
repair = sys.argv.pop(1)
try:
    from statusline.commands.cli import main
except ModuleNotFoundError as error:
    if error.name != "statusline":
        raise
    sys.exit("statusline: the Python of hudline has changed. Run: " + repair)
sys.exit(main())' "$repair" "$@"
fi
printf '%s\\n' "statusline: the Python of hudline is gone. Run: $repair" >&2
exit 1
"""
staged, final = sys.argv[1:]
scripts = os.path.join(staged, "bin")
with open(os.path.join(scripts, "statusline"), "w") as file:
    words = {"PYTHON": final + "/bin/python", "REPAIR": "sh " + shlex.quote(final + "/install.sh")}
    file.write(re.sub("=(PYTHON|REPAIR)", lambda match: "=" + shlex.quote(words[match[1]]), COMMAND))
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

is_current() { # the environment works, and its fingerprint is this one
    [ -f "$made_from" ] && [ "$(cat "$made_from")" = "$1" ] && runs
}

runs() { # the help loads every command
    "$venv/bin/statusline" --help >/dev/null 2>&1
}

# Prints what ~/.local/bin/statusline is: ours, foreign, none, or stale: to an installation that was moved or removed.
link_state() {
    if [ -L "$link" ] && [ "$(readlink "$link")" = "$venv/bin/statusline" ]; then
        say ours
    elif [ -L "$link" ] && [ ! -e "$link" ]; then
        case $(readlink "$link") in
        */hudline/venv/bin/statusline) say stale ;;
        *) say foreign ;;
        esac
    elif [ -e "$link" ] || [ -L "$link" ]; then
        say foreign
    else
        say none
    fi
}

has_link() { # one that is ours to remove
    case $(link_state) in
    ours | stale) ;;
    *) return 1 ;;
    esac
}

check_ours() {
    if [ -L "$venv" ]; then
        case $(readlink "$venv") in
        */*) fail "$venv is a link that this script did not create. Move it away, then run this again." ;;
        venv.[0-9]*) [ -e "$venv" ] || return 0 ;; # its target was removed by hand
        esac
    fi
    if { [ -e "$venv" ] || [ -L "$venv" ]; } && [ ! -f "$made_from" ]; then
        fail "$venv exists, but this script did not create it. Move it away, then run this again."
    fi
}

check_writable() {
    for folder in "$data" "$bin"; do
        above=$folder
        while [ ! -e "$above" ]; do above=$(dirname -- "$above"); done
        [ -d "$above" ] && [ -w "$above" ] ||
            fail "$above is not writable. Fix its permissions (or HOME, or XDG_DATA_HOME), then run this again. Nothing was installed."
    done
}

check_text() { # Python's own tools write paths to files as UTF-8
    "$python" -I -X utf8 -c 'import sys; sys.argv[1].encode()' "$data" 2>/dev/null ||
        fail "the path $data is not UTF-8. Set XDG_DATA_HOME, XDG_CACHE_HOME and XDG_CONFIG_HOME to folders elsewhere, then run this again. Nothing was installed."
}

# Removes what killed runs of this script left behind, but not the environment in use or that of a run in progress.
sweep() {
    used=$(readlink "$venv" 2>/dev/null) || used=''
    for left in "$data"/venv.[0-9]*; do
        pid=${left#"$data"/venv.}
        pid=${pid%%.*}
        [ -e "$left" ] || [ -L "$left" ] || continue
        [ "${left##*/}" = "$used" ] || kill -0 "$pid" 2>/dev/null || rm -rf "$left"
    done
}

# Removes temporary files, also after an interrupt.
# shellcheck disable=SC2329 # a trap calls it
clean_up() {
    for left in "$staged" "$scratch" "$unpacked"; do
        # A pip that was interrupted, too, may still be writing.
        [ -z "$left" ] || rm -rf "$left" 2>/dev/null || { sleep 1 && rm -rf "$left"; }
    done
    rmdir "$data" 2>/dev/null || :
}

# Installs hudline with the pip in the arguments: what builds its wheel into a temporary folder, the libraries into the
# environment, then hudline. The first two come from wheels whose SHA-256 is in the lock, and no code runs before that
# is checked.
install_packages() {
    from_lock='--require-hashes --only-binary=:all: --requirement'
    set -- env TMPDIR="$scratch" "$@" # an interrupted pip leaves its files there
    if [ "$lock" = no ]; then
        "$@" install --quiet "$checkout"
    else
        # shellcheck disable=SC2086 # these are words
        "$@" install --quiet --no-compile --target "$scratch/tools" $from_lock "$checkout/.build/lock-build.txt" &&
            "$@" install --quiet $from_lock "$checkout/.build/lock.txt" &&
            PYTHONPATH=$scratch/tools "$@" install --quiet --no-deps --no-build-isolation "$checkout"
    fi
}

# Fails with the end of what pip printed and what that means.
explain_pip() {
    tail -n 15 "$log" >&2
    case $lock$(cat "$log") in
    yes*'DO NOT MATCH THE HASHES'*)
        fail "pip got a file whose SHA-256 is not in hudline's lock (see above): it was changed or damaged, or this index offers its own. It was not used. Try again, or another index. Nothing was installed."
        ;;
    *'connection broken'*) ;;
    yes*'No matching distribution'* | yes*ResolutionImpossible*)
        fail "pip found no file that is in hudline's lock and fits $("$python" -V) on this system (see above). Check the network (or the proxy in HTTPS_PROXY). If that works, pass another Python with --python PATH, or add --no-lock: pip then chooses the versions, and no hashes are checked. Nothing was installed."
        ;;
    esac
    fail "pip could not install hudline and its dependencies (see above). Check the network (or the proxy in HTTPS_PROXY) and the space in $data, then run this again. Nothing was installed."
}

build() {
    [ "$lock" = no ] || [ -f "$checkout/.build/lock.txt" ] ||
        fail "this version of hudline has no lock of its libraries. To let pip choose them, add --no-lock. Nothing was installed."
    staged=$data/venv.$$
    while [ -e "$staged" ]; do staged=$staged.1; done
    scratch=$(mktemp -d "${TMPDIR:-/tmp}/hudline.XXXXXX") # not beside it, where the disk may be full
    log=$scratch/log
    { mkdir -p "$data" && mkdir "$staged" && printf '#!/bin/sh\n' >"$staged/probe"; } 2>/dev/null ||
        fail "$data cannot be written to: its disk is probably full. Make space, or set XDG_DATA_HOME to a folder elsewhere, then run this again. Nothing was installed."
    chmod +x "$staged/probe" 2>/dev/null || : # some file systems make every file a program instead
    "$staged/probe" 2>/dev/null ||
        fail "programs in $data cannot be run: its file system is probably mounted noexec. Set XDG_DATA_HOME to a folder elsewhere, then run this again. Nothing was installed."
    rm "$staged/probe"
    say "Creating a virtual environment with $("$python" -V) ($python) ..."
    runner=$(pip_runner)
    if [ -n "$runner" ]; then
        set -- "$staged/bin/python" -I -X utf8 "$runner"
        "$python" -I -X utf8 -m venv --without-pip --prompt hudline "$staged" >"$log" 2>&1
    else
        set -- "$staged/bin/python" -I -X utf8 -m pip
        "$python" -I -X utf8 -m venv --prompt hudline "$staged" >"$log" 2>&1
    fi || {
        tail -n 15 "$log" >&2
        fail "$python could not create a virtual environment (see above). Fix that, or pass another Python with --python PATH. Nothing was installed."
    }
    say "Installing hudline and its dependencies ..."
    install_packages "$@" >"$log" 2>&1 || explain_pip
    say "$wanted" >"$staged/.hudline-made-from"
    cp "$checkout/install.sh" "$staged/install.sh"
    mkdir "$staged/source" # with it, that script can uninstall, or install again for another Python
    for each in pyproject.toml README.md LICENSE install.sh .build statusline cache; do
        cp -R "$checkout/$each" "$staged/source/"
    done
    find "$staged/source" -name __pycache__ -prune -exec rm -rf {} +
    if [ "$settings" = yes ]; then # before anything is replaced: can the settings be changed?
        # shellcheck disable=SC2086 # it is one word or none
        "$staged/bin/python" -I -X utf8 -m statusline.commands.cli install $chained --dry-run --environment "$venv" >/dev/null ||
            fail "Claude Code's settings cannot be changed (see above). Nothing was installed. To install without them, add --no-settings."
    fi
    move_in
}

install_all() {
    find_python
    check_ours
    check_writable
    check_text
    sweep
    wanted=$(fingerprint)
    is_current "$wanted" || build
    case $(link_state) in
    none | stale)
        mkdir -p "$bin"
        rm -f "$link"
        ln -s "$venv/bin/statusline" "$link"
        ;;
    esac
    say "Program: $venv"
    command=$venv/bin/statusline
    if [ "$(link_state)" = ours ]; then
        say "Command: $link"
        case ":$PATH:" in
        *":$bin:"*) command=statusline ;;
        *)
            command=$link
            say "$bin is not on your PATH. Add it, or type the full path of the command."
            ;;
        esac
    else
        say "Command: $command"
        say "$link already exists and is not hudline's; it was left unchanged."
    fi
    undo="sh $(quoted "$venv/install.sh") --uninstall"
    if [ "$settings" = no ]; then
        say "Claude Code's settings were not changed. To use hudline there: $(quoted "$command") install"
        say "To undo: $undo"
        return
    fi
    # shellcheck disable=SC2086 # it is one word or none
    "$venv/bin/statusline" install $chained --undo "$undo" --program "$(quoted "$command")" ||
        fail "hudline is installed in $venv, but Claude Code's settings were not changed (see above). Fix that, then run $(quoted "$command") install"
}

quoted() { # a path, quoted for a shell
    case $1 in
    *[!A-Za-z0-9/._-]*) say "'$(say "$1" | sed "s/'/'\\\\''/g")'" ;;
    *) say "$1" ;;
    esac
}

plan_install() {
    find_python
    check_ours
    check_writable
    check_text
    say "Python: $python ($("$python" -V))"
    if is_current "$(fingerprint)"; then
        say "Would keep the environment $venv: it is up to date."
        set -- "$venv/bin/statusline"
    else
        say "Would create the environment $venv and install hudline and its dependencies in it."
        set -- from_checkout # the program that would be installed, which a present one may differ from
    fi
    case $(link_state) in
    none | stale) say "Would link $link to it." ;;
    ours) say "Would keep the command $link." ;;
    foreign) say "Would leave $link unchanged: it already exists and is not hudline's." ;;
    esac
    if [ "$settings" = no ]; then
        say "Would not change Claude Code's settings."
    else
        # shellcheck disable=SC2086 # it is one word or none
        "$@" install $chained --dry-run --environment "$venv" ||
            fail "Claude Code's settings could not be changed (see above), so nothing would be installed. To install without them, add --no-settings."
    fi
}

# Runs a command of this checkout with $python, without libraries: install --dry-run and uninstall need none.
from_checkout() {
    "$python" -I -B -X utf8 -c 'import sys; sys.path.insert(0, sys.argv.pop(1)); from statusline.commands.cli import main; sys.exit(main(sys.argv[1:]))' "$checkout" "$@"
}

# Runs a command of the installed program, or of this checkout if the program does not work.
hudline() {
    if runs; then
        "$venv/bin/statusline" "$@"
    elif [ -n "$checkout" ]; then
        find_python
        from_checkout "$@" --package "$venv/packages/statusline"
    else
        fail "the program in $venv does not run, and there is no checkout to restore the settings with. Install it again, then uninstall it."
    fi
}

# Succeeds if Claude Code's settings, or a backup beside them, may have something of hudline's, or --purge may find files.
has_our_settings() {
    folder=${CLAUDE_CONFIG_DIR:-$HOME/.claude}
    [ "$purge" = no ] || return 0
    [ ! -e "$folder/settings.json.hudline-backup" ] || return 0
    [ -f "$folder/settings.json" ] && grep -q hudline "$folder/settings.json"
}

uninstall_all() {
    check_ours
    if [ ! -e "$venv" ] && [ ! -L "$venv" ] && ! has_link && ! has_our_settings; then
        say "hudline is not installed here: there is no $venv, and Claude Code's settings do not start it."
        return
    fi
    if [ "$dry_run" = yes ]; then remove='Would remove' && set -- --dry-run; else remove=Removed && set --; fi
    [ "$purge" = no ] || set -- "$@" --purge
    if [ "$settings" = no ]; then
        [ "$purge" = no ] || hudline uninstall "$@" --no-settings ||
            fail "uninstall failed (see above); the program was not removed."
    else
        hudline uninstall "$@" || fail "uninstall failed (see above); the program was not removed."
    fi
    kept=''
    [ "$purge" = yes ] || kept=$("$venv/bin/python" -I -X utf8 -c '
from cache.refresh.storage import cache_directory, config_file
print("\n".join(str(path) for path in (cache_directory(), config_file()) if path.exists()))' 2>/dev/null) || kept=''
    if has_link; then
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
    if [ -n "$kept" ] && [ -n "$checkout" ] && [ "$installed_copy" = no ]; then
        say "Your cache and configuration were kept (--purge removes them too):
$kept"
    elif [ -n "$kept" ]; then # this script was removed with the environment
        say "Your cache and configuration were kept. You can delete them:
$kept"
    fi
}

main() {
    parse_arguments "$@"
    clean_up_environment
    find_checkout
    set_paths
    chained=''
    [ "$chain" = no ] || chained=--chain
    check_user
    trap clean_up EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
    if [ "$action" = uninstall ]; then
        uninstall_all
        exit
    fi
    [ -z "$release" ] || unpack_release
    [ -n "$checkout" ] ||
        fail "no checkout of hudline found. Run this script from one, or pass a release with --from. Nothing was installed."
    if [ "$dry_run" = yes ]; then plan_install; else install_all; fi
    exit
}

main "$@" </dev/null
