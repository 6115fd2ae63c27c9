# Sourced by the scripts beside it: gives them .venv with the packages of a lock file, made once.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# Without compiled files every start of a program would compile four hundred modules.
unset PYTHONDONTWRITEBYTECODE

say() { printf '%s\n' "$*" >&2; }

give_up() {
    say "$*"
    exit 1
}

# environment LOCK: when it returns, .venv holds what the lock file names. Costs nothing the second time.
environment() {
    if ! is_installed "$1"; then
        mkdir -p .data
        # Two scripts started together set up one after the other.
        (flock 9 && { is_installed "$1" || install "$1"; }) 9>.data/environment.lock
    fi
}

is_installed() { [ -x .venv/bin/python ] && [ "$(cat "$(stamp_of "$1")" 2>/dev/null)" = "$(state_of "$1")" ]; }

stamp_of() { printf '.venv/%s.installed' "${1//\//-}"; }

# Another lock or another Python makes another state.
state_of() { printf '%s %s' "$(sha256sum <"$1")" "$(readlink -f .venv/bin/python)"; }

install() {
    .venv/bin/python -m pip --version >/dev/null 2>&1 || make_venv
    local log=.venv/install.log
    say "Installing the packages of $1 into .venv (once) ..."
    .venv/bin/python -m pip install --disable-pip-version-check --no-input --progress-bar off \
        --require-hashes --no-deps -r "$1" 2>&1 | tee "$log" | tell_progress "$(grep -c '^[a-z]' "$1")" ||
        give_up "The packages could not be installed. $log ends:
$(tail -n 15 "$log")"
    state_of "$1" >"$(stamp_of "$1")"
}

make_venv() {
    local python
    python=$(find_python) || give_up "Python 3.11 or newer is needed, and no python3 here is new enough."
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        [ "$(id -u)" = 0 ] && [ -x /usr/bin/apt-get ] ||
            give_up "$python cannot make virtual environments; as root: apt-get install python3-venv"
        say "Installing python3-venv ..."
        { apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install --yes python3-venv; } >/dev/null ||
            give_up "python3-venv could not be installed; try: apt-get install python3-venv"
    fi
    say "Making .venv with $("$python" --version) ..."
    "$python" -m venv --clear .venv
}

find_python() {
    local name
    for name in python3 python3.14 python3.13 python3.12 python3.11; do
        if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$name"
            return
        fi
    done
    return 1
}

# Shows how far pip is: rewriting one line in a terminal, and a line every ten packages elsewhere.
tell_progress() {
    local line count=0
    while read -r line; do
        case $line in
        Collecting* | Processing* | Ignoring* | Requirement*)
            count=$((count + 1))
            if [ -t 2 ]; then
                printf '\r  %s of %s ' "$count" "$1" >&2
            elif [ $((count % 10)) = 0 ]; then
                say "  $count of $1"
            fi
            ;;
        Installing*) say "  unpacking ..." ;;
        esac
    done
}
