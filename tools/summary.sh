#!/usr/bin/env bash
# Last lines of `make test`: what was skipped and why. Tests append their reasons to target/skipped.
set -euo pipefail
if [ -s target/skipped ]; then
    echo; echo "skipped:"; sort target/skipped | uniq -c | sed 's/^ *\([0-9]*\) /  \1 x /'
fi
echo; echo "all checks that could run here passed"
