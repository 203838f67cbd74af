#!/usr/bin/env bash
# The bill of materials (CycloneDX), one per function, of what is built for the
# machine that we deploy to: sbom.sh <folder>
set -euo pipefail
folder=$(realpath -m "$1")
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
mkdir -p "$folder"
# The tool writes beside the manifests, of the whole workspace.
cargo cyclonedx --format json --spec-version 1.5 --describe binaries \
  --target "$(uname -m)-unknown-linux-gnu" --manifest-path functions/handlers/Cargo.toml
find functions/handlers functions/publish -maxdepth 1 -name '*.cdx.json' -exec mv -t "$folder" {} +
find . -path ./target -prune -o -path ./.local -prune -o -path "./$(realpath --relative-to=. "$folder")" -prune \
  -o -name '*.cdx.json' -exec rm {} +
for source in functions/*/src/bin/*.rs; do
  name=$(basename "$source" .rs)
  compgen -G "$folder/$name*.cdx.json" >/dev/null || { echo "no bill of materials of $name" >&2; exit 1; }
done
