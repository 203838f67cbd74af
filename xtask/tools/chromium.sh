#!/bin/sh
# Finds or unpacks a Chromium, and prints its path.
#
#   chromium.sh FOLDER
#
# $SEISIUN_CHROMIUM is taken if it is set, else Debian's own if it is installed.
# Else Debian's packages of it, and of all that it needs, are unpacked into
# FOLDER, which takes no root: half a minute, and most of a gigabyte on the disk.
# Nothing outside FOLDER is changed or installed. What went wrong is said on the
# standard error, with the end of its log.
#
# `chromium.sh --unpacked FOLDER` looks for no other than the unpacked one.
set -eu

say() { printf 'chromium: %s\n' "$*" >&2; }
fail() { say "$@"; exit 1; }

# Runs a command whose output goes to the log; if it fails, shows the log's end.
logged() {
    "$@" >>"$log" 2>&1 || {
        tail -n 25 "$log" >&2
        fail "\`$*\` failed: the whole log is $log"
    }
}

# Whether a program is a Chromium that runs.
runs() { "$1" --version 2>/dev/null | grep -q '^Chrom'; }

if [ "${1-}" = --unpacked ]; then
    shift
elif [ -n "${SEISIUN_CHROMIUM-}" ]; then
    runs "$SEISIUN_CHROMIUM" || fail "SEISIUN_CHROMIUM is $SEISIUN_CHROMIUM, which does not run"
    printf '%s\n' "$SEISIUN_CHROMIUM"
    exit 0
elif runs /usr/bin/chromium; then
    printf '/usr/bin/chromium\n'
    exit 0
fi
folder=${1:?usage: chromium.sh [--unpacked] FOLDER}

mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
program=$folder/chromium
root=$folder/root
log=$folder/install.log

# Whole only once its last step is done.
if [ -e "$folder/installed" ]; then
    runs "$program" || fail "$folder is broken: remove it, and try again"
    printf '%s\n' "$program"
    exit 0
fi

for tool in apt-get dpkg; do
    command -v "$tool" >/dev/null || fail "no Chromium was found and this is no Debian ($tool is" \
        "missing): install Chromium, and name its program in SEISIUN_CHROMIUM"
done
# A half of an earlier try is worth nothing.
rm -rf "$root" "$folder/apt" "$program"
: >"$log"
mkdir -p "$folder/apt/lists/partial" "$folder/apt/cache/archives/partial" "$root"

# Package lists of our own: the machine's may be months old, and to renew them
# takes root. And a list of what is installed of our own, an empty one: what the
# machine has of the libraries may be of another time.
: >"$folder/apt/status"
apt() {
    apt-get -o Dir::State::Lists="$folder/apt/lists" -o Dir::Cache="$folder/apt/cache" \
        -o Dir::State::status="$folder/apt/status" \
        -o Debug::NoLocking=1 -o APT::Sandbox::User= "$@"
}
say 'reading the package lists'
logged apt update
# Every package that would be installed, on an empty machine: the file's name in
# the second column begins with the package's.
if ! apt install -qq --yes --print-uris --no-install-recommends \
    chromium fonts-liberation fonts-dejavu-core >"$folder/apt/uris" 2>>"$log"; then
    tail -n 25 "$log" >&2
    fail "apt knows no chromium that can be installed: see $log"
fi
# Of those, libraries, fonts and the browser. Not the C library, which the
# machine's own loader has to fit, nor what draws on a screen that is not there.
packages=$(sed -n "s/^[^ ]* \([^_ ]*\)_.*/\1/p" "$folder/apt/uris" |
    grep -E '^(lib|chromium|fonts-|xkb-data$|shared-mime-info$)' |
    grep -Ev -- '-perl$|^lib(c6|perl.*|pam.*|systemd-shared|llvm.*|gl1-mesa-dri|z3-4|icu-dev)$')
say "fetching $(printf '%s\n' "$packages" | wc -l) packages"
cd "$folder/apt"
# shellcheck disable=SC2086 # names of packages, a word each
logged apt download $packages
for package in ./*.deb; do logged dpkg -x "$package" "$root"; done
cd "$folder"
rm -rf "$folder/apt" "$root/usr/share/doc" "$root/usr/share/man" "$root/usr/share/locale"

# Where Debian keeps libraries is named after the processor; two packages keep some
# in folders of their own, which their others name as they would be installed.
libraries=
for place in "$root"/lib/*-linux-gnu* "$root"/usr/lib/*-linux-gnu* \
    "$root"/usr/lib/*-linux-gnu*/nss "$root"/usr/lib/*-linux-gnu*/pulseaudio; do
    [ -d "$place" ] && libraries=$libraries${libraries:+:}$place
done
# The machine's fonts are left out, so that pages look alike on every machine.
mkdir -p "$folder/fonts"
prefer() { printf '<alias><family>%s</family><prefer><family>%s</family></prefer></alias>' "$@"; }
cat >"$folder/fonts/fonts.conf" <<FONTS
<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>$root/usr/share/fonts</dir>
  <cachedir>$folder/fonts/cache</cachedir>
  $(prefer sans-serif 'DejaVu Sans') $(prefer system-ui 'DejaVu Sans')
  $(prefer 'Times New Roman' 'Liberation Serif') $(prefer Arial 'Liberation Sans')
  $(prefer serif 'Liberation Serif') $(prefer monospace 'DejaVu Sans Mono')
  <match target="font">
    <edit name="antialias" mode="assign"><bool>true</bool></edit>
    <edit name="hintstyle" mode="assign"><const>hintslight</const></edit>
  </match>
</fontconfig>
FONTS
cat >"$program" <<RUN
#!/bin/sh
LD_LIBRARY_PATH="$libraries" FONTCONFIG_FILE="$folder/fonts/fonts.conf" \\
    XKB_CONFIG_ROOT="$root/usr/share/X11/xkb" XDG_DATA_DIRS="$root/usr/share" \\
    exec "$root/usr/lib/chromium/chromium" "\$@"
RUN
chmod +x "$program"
if ! runs "$program"; then
    "$program" --version >>"$log" 2>&1 || true
    tail -n 5 "$log" >&2
    fail "the unpacked Chromium does not run: see $log"
fi
"$program" --version >installed
say "$(cat installed), unpacked"
printf '%s\n' "$program"
