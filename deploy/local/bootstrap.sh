# Sourced by start and check with ROOT set: gives .venv what requirements.lock says, once per lock; leaves PYTHON set.
# shellcheck shell=sh disable=SC2154

say() { printf '%s\n' "$*" >&2; }
give_up() { say "$*"; exit 2; }

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

find_python() {
    for name in python3 python3.14 python3.13 python3.12 python3.11; do
        if command -v "$name" >/dev/null && "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$name"
            return
        fi
    done
}

make_venv() {
    "$base" -c 'import venv, ensurepip' 2>/dev/null || {
        say "Installing $base-venv, which Debian keeps apart from Python ..."
        { as_root apt-get update -q && as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y "$base-venv"; } \
            >"$log" 2>&1 </dev/null || give_up "$base cannot make a virtual environment here: run 'apt-get install $base-venv' as root and start again."
    }
    rm -rf "$ROOT/.venv"
    "$base" -m venv "$ROOT/.venv" >"$log" 2>&1 || give_up "No virtual environment could be made: $(tail -n 1 "$log")"
}

pip_install() {
    "$PYTHON" -m pip install -q --disable-pip-version-check --no-input "$@" >"$log" 2>&1 </dev/null || {
        tail -n 15 "$log" >&2
        give_up "Python's packages could not be installed; the lines above say why, $log says more."
    }
}

PANGO="libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0" # what sets diplomas and reports

has_pango() {
    "$PYTHON" -c 'import weasyprint' 2>/dev/null
}

install_pango() {
    say "Installing Pango, which sets diplomas and reports ..."
    # shellcheck disable=SC2086 # three packages
    { as_root apt-get update -q && as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $PANGO; } \
        >"$log" 2>&1 </dev/null || give_up "Pango is missing: run 'apt-get install $PANGO' as root and start again."
}

base=$(find_python)
[ -n "$base" ] || give_up "Python 3.11 or newer is needed and was not found: install it (on Debian 12 or newer: apt-get install python3)."
mkdir -p "$ROOT/run" || give_up "$ROOT cannot be written to; work in a copy of your own."
PYTHON=$ROOT/.venv/bin/python
stamp=$ROOT/.venv/.installed
log=$ROOT/run/install.log

exec 9>"$ROOT/run/.install.lock"
flock 9 # another start or check may be installing just now
wanted=$(cd "$ROOT" && { pwd; "$base" --version; cat requirements.lock pyproject.toml; } | sha256sum)
if [ "$(cat "$stamp" 2>/dev/null)" != "$wanted" ]; then
    "$PYTHON" -m pip --version >/dev/null 2>&1 || make_venv
    say "Installing Python's packages (once, a minute or two) ..."
    pip_install --require-hashes -r "$ROOT/requirements.lock"
    pip_install --no-deps --no-build-isolation -e "$ROOT"
    has_pango || install_pango
    printf '%s\n' "$wanted" >"$stamp"
fi
exec 9>&-
