#!/usr/bin/env bash
# The demonstration behind `make demo`: prove the SHA-256 program over a real file on the simulated accelerator, verify the receipt.
# usage: demo.sh GALENA FILE CONFIG ROWS. Tables of more than 2^ROWS rows stay on the CPU: simulating them takes minutes.
set -euo pipefail
galena=$1 file=$2 config=$3 rows=$4
program=vm/samples/sha256/sha256.elf
receipt=target/demo.receipt

say() { printf '\n\033[1m$ %s\033[0m\n' "$*"; "$@"; }

say "$galena" run "$program" --input "$file"
say sha256sum "$file"
say "$galena" prove "$program" --input "$file" --device "sim:$config" --offload-rows "$rows" -o "$receipt"
say "$galena" verify "$receipt" --program "$program"
