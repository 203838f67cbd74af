#!/usr/bin/env bash
# What the build needs and the image of CodeBuild lacks. Everything pinned.
set -euo pipefail

RUSTUP=1.28.2
CARGO_DENY=0.20.2
CARGO_CYCLONEDX=0.5.9
EXIFTOOL=13.36

export PATH="$HOME/.cargo/bin:$HOME/.cargo/tools/bin:$PATH"

dnf install -y -q gcc make binutils perl-interpreter perl-App-cpanminus >/dev/null

# The toolchain itself is named in rust-toolchain.toml.
if ! command -v rustup >/dev/null; then
  machine="$(uname -m)-unknown-linux-gnu"
  from="https://static.rust-lang.org/rustup/archive/$RUSTUP/$machine"
  cd "$(mktemp -d)"
  curl --proto '=https' --tlsv1.2 -sSf --retry 3 --max-time 120 -O "$from/rustup-init" -O "$from/rustup-init.sha256"
  # The sum comes from the same place: it tells a broken download, no more.
  echo "$(cut -d' ' -f1 rustup-init.sha256)  rustup-init" | sha256sum -c -
  chmod +x rustup-init
  ./rustup-init -y -q --no-modify-path --default-toolchain none
  cd - >/dev/null
fi
rustup toolchain install

command -v exiftool >/dev/null || cpanm --quiet --notest "Image::ExifTool@$EXIFTOOL"

# Compiled once and then cached.
tool() {
  if ! "$HOME/.cargo/tools/bin/$1" --version 2>/dev/null | grep -qF "$2"; then
    cargo install --quiet --locked --root "$HOME/.cargo/tools" "$1@$2"
  fi
}
tool cargo-deny "$CARGO_DENY"
tool cargo-cyclonedx "$CARGO_CYCLONEDX"
