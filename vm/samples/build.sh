#!/usr/bin/env bash
# Builds the sample programs from Debian packages, or checks that the committed ones are what their sources say.
#
#   build.sh           rebuild all, write the ELF files and TOOLCHAIN; fetches the Rust compiler (below) if it is not there
#   build.sh --check   rebuild what the compilers at hand allow, elsewhere, and compare: bytes where the compiler is the recorded one,
#                      behaviour (vm/tests, on the rebuilt files) where it is not. A missing compiler is a skip, said aloud. No downloads.
#   build.sh --fetch   fetch the Rust compiler only
#
# C:    apt-get install gcc-riscv64-unknown-elf
# Rust: Debian's rustc-web with its own library source, since source and compiler must match and rustup has no library source in many places.
#       It conflicts with Debian's rustup, so it is unpacked (145 MB of downloads) into .tools/guest-rust, or $GALENA_GUEST_RUST. No root.
set -euo pipefail

samples=$(cd "$(dirname "$0")" && pwd)
vm=$(dirname "$samples")
root=$(dirname "$vm")
rust=${GALENA_GUEST_RUST:-$root/.tools/guest-rust}
gcc=riscv64-unknown-elf-gcc
ld=riscv64-unknown-elf-ld
target=riscv32im-unknown-none-elf
c_samples=(sha256 fibonacci-c)
rust_samples=(fibonacci-rust game)

say() { printf 'samples: %s\n' "$*"; }
fail() { say "$*" >&2; exit 1; }
skip() { say "skipped: $*"; mkdir -p "$root/target"; echo "samples: $*" >>"$root/target/skipped"; }

# --- C ---------------------------------------------------------------------------------------------------------------------------------
c_version() { command -v $gcc >/dev/null && printf '%s; %s\n' "$($gcc --version | head -1)" "$($ld --version | head -1)"; }

# build_c OUT: no scheduling for a pipeline that is not there; it only costs registers (6 % of SHA-256).
build_c() {
    local name source
    for name in "${c_samples[@]}"; do
        source=$samples/$name/${name%-c}.c
        mkdir -p "$1/$name"
        $gcc -march=rv32im -mabi=ilp32 -O2 -fno-schedule-insns -fno-schedule-insns2 -ffunction-sections -fdata-sections \
            -std=c17 -ffreestanding -Wall -Wextra -Werror -ffile-prefix-map="$vm"=/galena/vm -I"$vm/guest/c" \
            -nostdlib -static -T "$vm/guest/guest.ld" -Wl,--gc-sections,--build-id=none,-zmax-page-size=4096 \
            "$vm/guest/c/start.c" "$source" -lgcc -o "$1/$name/$name.elf"
    done
}

# --- Rust ------------------------------------------------------------------------------------------------------------------------------
packages=(rustc-web rust-web-src libstd-rust-web-dev)

fetch_rust() {
    [ -x "$rust/rustc" ] && return
    command -v apt-get >/dev/null && command -v dpkg >/dev/null || fail "expected apt-get and dpkg to fetch Debian's rustc-web, found none"
    local work version llvm
    version=$(apt-cache depends libstd-rust-web-dev | sed -n 's/.*Depends: \(libstd-rust-web-[0-9.]*\)$/\1/p')
    llvm=$(apt-cache depends "${version:-rustc-web}" | sed -n 's/.*Depends: \(libllvm[0-9]*\)$/\1/p')
    [ -n "$version" ] && [ -n "$llvm" ] || fail "expected rustc-web in the package lists, found none; run apt-get update (Debian 12 or newer)"
    say "fetching ${packages[*]} $version $llvm into $rust"
    work=$(mktemp -d)
    (cd "$work" && apt-get download -qq "${packages[@]}" "$version" "$llvm" 2>apt.log) || fail "apt-get download failed: $(tail -1 "$work/apt.log")"
    mkdir -p "$rust"
    for package in "$work"/*.deb; do dpkg -x "$package" "$rust/deb"; done
    dpkg-deb -f "$work"/rustc-web_*.deb Version >"$rust/version"
    rm -r "$work"
    cat >"$rust/rustc" <<'X'
#!/bin/sh
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
LD_LIBRARY_PATH=$here/deb/usr/lib/x86_64-linux-gnu exec "$here/deb/usr/bin/rustc" "$@"
X
    chmod +x "$rust/rustc"
}

rust_version() {
    [ -x "$rust/rustc" ] && command -v $ld >/dev/null && command -v cargo >/dev/null &&
        printf '%s, Debian rustc-web %s; %s\n' "$("$rust/rustc" --version)" "$(cat "$rust/version")" "$($ld --version | head -1)"
}

# The core and alloc libraries, built once from the compiler's own source into a sysroot beside it.
build_sysroot() {
    local libraries=$rust/sysroot/lib/rustlib/$target/lib source=$rust/deb/usr/lib/rustlib/src/rust work
    [ -d "$libraries" ] && return
    say "building core and alloc for $target"
    work=$(mktemp -d)
    RUSTC_BOOTSTRAP=1 RUSTC=$rust/rustc CARGO_TARGET_DIR=$work RUSTFLAGS="-Cembed-bitcode=yes
        --remap-path-prefix=$source=/rust --remap-path-prefix=$(realpath "$source")=/rust" \
        cargo build --quiet --release --offline --locked --manifest-path "$vm/guest/rust/Cargo.toml" --target $target \
        -Zbuild-std=core,alloc -Zbuild-std-features=compiler-builtins-mem \
        --config 'source.crates-io.replace-with="library"' --config "source.library.directory=\"$source/library/vendor\""
    mkdir -p "$libraries.part"
    cp "$work/$target/release/deps/"lib{core,alloc,compiler_builtins}-*.rlib "$libraries.part"
    rm -r "$work"
    mv "$libraries.part" "$libraries"
}

# build_rust OUT: with rustc itself, because cargo puts the folder's path into the names of the symbols.
build_rust() {
    build_sysroot
    local name work flags
    work=$(mktemp -d)
    flags=(--edition 2024 --target $target --sysroot "$rust/sysroot" --remap-path-prefix "$vm=/galena/vm" -Copt-level=3 -Cpanic=abort
        -Ccodegen-units=1 -Csymbol-mangling-version=v0 -Dwarnings)
    "$rust/rustc" "${flags[@]}" --crate-name galena_guest --crate-type rlib -Cmetadata=galena --out-dir "$work" "$vm/guest/rust/src/lib.rs"
    for name in "${rust_samples[@]}"; do
        mkdir -p "$1/$name"
        "$rust/rustc" "${flags[@]}" --crate-name "${name//-/_}" --crate-type bin -Cmetadata=galena -Clto=fat \
            --extern galena_guest="$work/libgalena_guest.rlib" -Clinker=$ld -Clinker-flavor=ld -Clink-arg=-melf32lriscv \
            -Clink-arg=-T"$vm/guest/guest.ld" -Clink-arg=-zmax-page-size=4096 -o "$1/$name/$name.elf" "$samples/$name/src/main.rs"
    done
    rm -r "$work"
}

# --- All -------------------------------------------------------------------------------------------------------------------------------
recorded() { sed -n "s/^$1: //p" "$samples/TOOLCHAIN"; }

# check LANGUAGE VERSION OUT NAMES...: compares the rebuilt programs with the committed ones.
check() {
    local language=$1 version=$2 out=$3 name
    shift 3
    if [ "$version" != "$(recorded "$language")" ]; then
        say "$language: the compiler is not the recorded one, so behaviour is compared, not bytes"
        say "  recorded: $(recorded "$language")"
        say "  found:    $version"
        for name in "${c_samples[@]}" "${rust_samples[@]}"; do
            [ -e "$out/$name/$name.elf" ] || install -D "$samples/$name/$name.elf" "$out/$name/$name.elf"
        done
        (cd "$root" && GALENA_SAMPLES=$out cargo test --quiet --release -p galena-vm --test suite samples) ||
            fail "$language: a rebuilt program behaves otherwise than sample.toml says"
        say "$language: $* behave as recorded"
        return
    fi
    for name in "$@"; do
        cmp -s "$out/$name/$name.elf" "$samples/$name/$name.elf" ||
            fail "$name.elf is not what its source and $version give; run vm/samples/build.sh and commit the result"
    done
    say "$language: the bytes of $* are what the recorded compiler gives"
}

case ${1-} in
'')
    c=$(c_version) || fail "expected $gcc; install it with: sudo apt-get install gcc-riscv64-unknown-elf"
    fetch_rust
    build_c "$samples"
    build_rust "$samples"
    printf 'c: %s\nrust: %s\n' "$c" "$(rust_version)" >"$samples/TOOLCHAIN"
    say "built ${c_samples[*]} ${rust_samples[*]}"
    ;;
--check)
    out=$(mktemp -d)
    trap 'rm -rf "$out"' EXIT
    if version=$(c_version); then
        build_c "$out"
        check c "$version" "$out" "${c_samples[@]}"
    else
        skip "C programs not rebuilt: no $gcc (apt-get install gcc-riscv64-unknown-elf)"
    fi
    if version=$(rust_version); then
        build_rust "$out"
        check rust "$version" "$out" "${rust_samples[@]}"
    else
        skip "Rust programs not rebuilt: no Debian rustc-web in $rust (vm/samples/build.sh --fetch, 145 MB)"
    fi
    ;;
--fetch) fetch_rust ;;
*) fail "usage: build.sh [--check | --fetch]" ;;
esac
