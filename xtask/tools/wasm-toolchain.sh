#!/bin/sh
# Finds or makes a compiler that can build for WebAssembly, for browsers.
#
#   wasm-toolchain.sh FOLDER
#
# prints the environment that cargo needs for it, NAME=VALUE a line; nothing if
# the active toolchain can by itself. Where `rustup target add
# wasm32-unknown-unknown` has been run, that is so, and nothing else is done.
#
# Else Debian's rustc-web (the compiler that Debian builds its browsers with) is
# unpacked into FOLDER, which takes no root, and the standard library is built
# once from rust-web-src: a minute, and a gigabyte on the disk. Nothing outside
# FOLDER is changed. What went wrong is said on the standard error, with the end
# of its log.
set -eu

target=wasm32-unknown-unknown
folder=${1:?usage: wasm-toolchain.sh FOLDER}

say() { printf 'wasm-toolchain: %s\n' "$*" >&2; }
fail() { say "$@"; exit 1; }

# Runs a command whose output goes to the log; if it fails, shows the log's end.
logged() {
    "$@" >>"$log" 2>&1 || {
        tail -n 25 "$log" >&2
        fail "\`$*\` failed: the whole log is $log"
    }
}

# Whether this compiler has the target's standard library.
has_std() {
    for library in "$("$1" --print sysroot)/lib/rustlib/$target/lib"/libstd-*.rlib; do
        [ -e "$library" ] && return 0
    done
    return 1
}

host=$(rustc -vV | sed -n 's/^host: //p')
[ -n "$host" ] || fail 'rustc is missing, or does not say what it runs on'
if has_std rustc; then exit 0; fi

mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
compiler=$folder/rustc
log=$folder/install.log

# The linker is the active toolchain's own, or LLVM's.
linker=$(rustc --print sysroot)/lib/rustlib/$host/bin/rust-lld
[ -x "$linker" ] || linker=$(command -v rust-lld || command -v wasm-ld) ||
    fail "no linker for WebAssembly: install LLVM's lld, or a toolchain by rustup"

# Whole only once its last step is done.
if [ -e "$folder/installed" ]; then
    has_std "$compiler" || fail "$folder is broken: remove it, and try again"
else
    for tool in apt-get apt-cache dpkg; do
        command -v "$tool" >/dev/null ||
            fail "this is no Debian ($tool is missing): run \`rustup target add $target\`"
    done
    # A half of an earlier try is worth nothing.
    rm -rf "$folder/root" "$folder/apt" "$folder/std" "$compiler"
    : >"$log"
    mkdir -p "$folder/apt/lists/partial" "$folder/apt/cache/archives/partial" "$folder/root"

    # Package lists of our own: the machine's may be months old, and to renew
    # them takes root.
    apt() {
        tool=$1
        shift
        "$tool" -o Dir::State::Lists="$folder/apt/lists" -o Dir::Cache="$folder/apt/cache" \
            -o Debug::NoLocking=1 -o APT::Sandbox::User= "$@"
    }
    say 'reading the package lists'
    logged apt apt-get update
    depends() {
        apt apt-cache depends --no-recommends --no-suggests "$1" 2>>"$log" |
            sed -n "s/^ *Depends: \($2\)\$/\1/p" | head -n 1
    }
    std=$(depends libstd-rust-web-dev 'libstd-rust-web-[0-9.]*')
    [ -n "$std" ] || fail "no package rustc-web is known to apt: see $log"
    llvm=$(depends "$std" 'libllvm[0-9.]*')
    [ -n "$llvm" ] || fail "$std depends on no libllvm that this script knows"

    say "fetching rustc-web, rust-web-src, $std, $llvm"
    cd "$folder/apt"
    logged apt apt-get download rustc-web rust-web-src libstd-rust-web-dev "$std" "$llvm"
    for package in ./*.deb; do logged dpkg -x "$package" "$folder/root"; done
    cd "$folder"
    rm -rf "$folder/apt" "$folder/root/usr/share"

    # Where Debian keeps libraries is named after the processor.
    driver=$(find "$folder/root/usr/lib" -name 'librustc_driver-*.so' | head -n 1)
    [ -n "$driver" ] || fail 'the packages hold no compiler'
    printf '#!/bin/sh\nLD_LIBRARY_PATH="%s${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}" exec "%s" "$@"\n' \
        "$(dirname "$driver")" "$folder/root/usr/bin/rustc" >"$compiler"
    chmod +x "$compiler"
    logged "$compiler" -vV

    say 'building the standard library'
    source=$(cd "$folder/root/usr/lib/rustlib/src/rust/library" && pwd -P)
    mkdir -p "$folder/std/src"
    echo '#![no_std]' >"$folder/std/src/lib.rs"
    cat >"$folder/std/Cargo.toml" <<-MANIFEST
		[package]
		name = "std-for-wasm"
		version = "0.0.0"
		edition = "2021"
		[profile.release]
		opt-level = "s"
		codegen-units = 1
		panic = "abort"
		[workspace]
	MANIFEST
    cd "$folder/std"
    # Bitcode, so that the programs can be optimised as one with it.
    logged env -u RUSTC_WRAPPER -u CARGO_ENCODED_RUSTFLAGS RUSTC="$compiler" RUSTC_BOOTSTRAP=1 \
        RUSTFLAGS=-Cembed-bitcode=yes CARGO_TARGET_DIR="$folder/std/target" \
        cargo build --release --offline --target "$target" -Zbuild-std=std,panic_abort \
        --config 'source.crates-io.replace-with = "vendored"' \
        --config "source.vendored.directory = '$source/vendor'"
    cd "$folder"
    libraries=$("$compiler" --print sysroot)/lib/rustlib/$target/lib
    mkdir -p "$libraries"
    for library in std/target/$target/release/deps/*.rlib; do
        case $library in *std_for_wasm*) ;; *) cp "$library" "$libraries/" ;; esac
    done
    # The source has served.
    rm -rf std "$folder/root/usr/lib/rustlib/src" "$folder/root/usr/src"
    has_std "$compiler" || fail "the standard library was built, but $compiler does not find it"
    "$compiler" --version >installed
    say "$(cat installed) can build for $target"
fi

printf 'RUSTC=%s\nCARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER=%s\n' "$compiler" "$linker"
