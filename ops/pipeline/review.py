"""What a change set would do, in words: review.py --stack S --change-set C --out DIR

Writes `summary.txt` (one line, for the mail of the approval), `changes.txt` (one
line per resource), `change-set.json`, and for every nested stack a diff of its
template. A change set lists a nested stack as modified whenever its parent is
updated, so that only the diff tells whether anything in it changes.

It reads through the `aws` command line and writes nothing but these files.
"""

import argparse
import difflib
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, Callable

# CodePipeline takes 1,000 characters for an approval; the commit is among them.
SUMMARY_CHARS = 800
# What holds data that nobody could make again.
KEEPS_DATA = {
    "AWS::Backup::BackupVault",
    "AWS::Cognito::UserPool",
    "AWS::DynamoDB::Table",
    "AWS::KMS::Key",
    "AWS::S3::Bucket",
}
STACK = "AWS::CloudFormation::Stack"
NOTHING = re.compile(r"didn't contain changes|No updates are to be performed", re.IGNORECASE)

Aws = Callable[..., Any]


def aws(*args: str) -> Any:
    """The answer of an `aws` command, as JSON where it is JSON."""
    done = subprocess.run(["aws", *args], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"aws {' '.join(args[:2])}: {done.stderr.strip()}")
    try:
        return json.loads(done.stdout)
    except json.JSONDecodeError:
        return done.stdout


def text_of(body: Any) -> str:
    """A template body: CloudFormation gives text for YAML and an object for JSON."""
    return body if isinstance(body, str) else json.dumps(body, indent=2, sort_keys=True)


def template_key(url: str) -> str | None:
    """`https://s3.<region>.amazonaws.com/<bucket>/<key>` as `s3://<bucket>/<key>`."""
    found = re.fullmatch(r"https://s3[.-][^/]+/([^/]+)/(.+)", url)
    return f"s3://{found[1]}/{found[2]}" if found else None


def nested_diff(aws: Aws, logical: str, change: dict, template: dict) -> str:
    """What changes in the template of a nested stack; empty if nothing."""
    resource = template.get("Resources", {}).get(logical, {})
    key = template_key(str(resource.get("Properties", {}).get("TemplateURL", "")))
    new = text_of(aws("s3", "cp", key, "-")) if key else ""
    physical = change.get("PhysicalResourceId")
    old = text_of(aws("cloudformation", "get-template", "--stack-name", physical)["TemplateBody"]) if physical else ""
    lines = difflib.unified_diff(old.splitlines(), new.splitlines(), "deployed", "new", lineterm="", n=2)
    return "\n".join(lines)


def review(aws: Aws, stack: str, change_set: str, out: Path) -> str:
    """Writes the files; returns the summary."""
    out.mkdir(parents=True, exist_ok=True)
    here = ("--stack-name", stack, "--change-set-name", change_set)
    described = aws("cloudformation", "describe-change-set", *here)
    (out / "change-set.json").write_text(json.dumps(described, indent=2))
    if described["Status"] == "FAILED":
        reason = described.get("StatusReason", "")
        if not NOTHING.search(reason):
            raise RuntimeError(f"the change set could not be made: {reason}")
        return "Nothing changes in the stack"
    body = aws("cloudformation", "get-template", *here, "--template-stage", "Processed")["TemplateBody"]
    template = body if isinstance(body, dict) else {}

    counts = {"Add": 0, "Modify": 0, "Remove": 0}
    lines, at_risk, nested = [], [], []
    for entry in described.get("Changes", []):
        change = entry["ResourceChange"]
        action, kind, logical = change["Action"], change["ResourceType"], change["LogicalResourceId"]
        replaced = change.get("Replacement") in ("True", "Conditional")
        if kind == STACK and action == "Modify":
            diff = nested_diff(aws, logical, change, template)
            if not diff:
                continue
            (out / f"{logical}.diff").write_text(diff + "\n")
            added = sum(line.startswith("+") for line in diff.splitlines()) - 1
            removed = sum(line.startswith("-") for line in diff.splitlines()) - 1
            nested.append(f"{logical} +{added} -{removed} lines")
        counts[action] = counts.get(action, 0) + 1
        mark = "  REPLACED" if replaced else ""
        lines.append(f"{action:<8}{kind:<40}{logical}{mark}")
        if kind in KEEPS_DATA and (action == "Remove" or replaced):
            at_risk.append(logical)
    (out / "changes.txt").write_text("\n".join(sorted(lines)) + "\n")

    parts = [f"{counts['Add']} added, {counts['Modify']} changed, {counts['Remove']} removed"]
    if at_risk:
        parts.insert(0, f"DATA AT RISK, removed or replaced: {', '.join(at_risk)}")
    if nested:
        parts.append("nested: " + ", ".join(nested))
    return ". ".join(parts)


def main() -> int:
    arguments = argparse.ArgumentParser()
    for name in ("--stack", "--change-set", "--out"):
        arguments.add_argument(name, required=True)
    given = arguments.parse_args()
    out = Path(given.out)
    try:
        summary = review(aws, given.stack, given.change_set, out)
    except RuntimeError as error:
        print(error, file=sys.stderr)
        return 1
    if len(summary) > SUMMARY_CHARS:
        summary = summary[: SUMMARY_CHARS - 1] + "…"
    (out / "summary.txt").write_text(summary + "\n")
    print(summary)
    changes = out / "changes.txt"
    if changes.is_file():
        print(changes.read_text())
    return 0


if __name__ == "__main__":
    sys.exit(main())
