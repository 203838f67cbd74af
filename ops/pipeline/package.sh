#!/usr/bin/env bash
# From staged functions and the templates to the artifact: package.sh <folder>
# Uploads what the templates name to the bucket PACKAGES, under its hash.
set -euo pipefail
: "${PACKAGES:?the bucket for packages}"
folder=$(realpath -m "$1")
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
mkdir -p "$folder/config"

aws cloudformation package --template-file template.yaml --s3-bucket "$PACKAGES" \
  ${KEY_ARN:+--kms-key-id "$KEY_ARN"} --output-template-file "$folder/template.yaml" >/dev/null
cp ops/config/{test,prod}.json "$folder/config/"
if [[ -f ops/edge.yaml ]]; then cp ops/edge.yaml "$folder/"; fi
echo "${COMMIT:-unknown}" > "$folder/COMMIT"

# A path that was left in place would fail only in CloudFormation.
if grep -nE '^\s*(CodeUri|DefinitionUri|TemplateURL): *(target|statemachines|ops)/' "$folder/template.yaml"; then
  echo 'not packaged: see above' >&2
  exit 1
fi
# CodePipeline hands CloudFormation no template larger than this.
size=$(stat -c %s "$folder/template.yaml")
if (( size > 460800 )); then
  echo "the template has $size bytes, more than 460800: move resources into a nested stack" >&2
  exit 1
fi
