"""Expands the templates as CloudFormation would, for each stage, on this disk.

    .local/tools/venv/bin/python xtask/python/expand.py [--out DIR] [--root DIR]
        [--region REGION] [--stage STAGE]...

It asks AWS nothing. For each stage it translates what is SAM's, puts in the
stage's parameter values, decides every condition, leaves out what the stage
does not have, and writes JSON:

    <out>/<stage>/template.json     the application stack
    <out>/<stage>/ops/alarms.json   a stack that it nests, or one of its own
    <out>/once/pipeline.json        a stack of its own that knows no stage

and prints the name of each file. What only AWS knows (account, names that it
makes up, attributes) stays an intrinsic, and so does a parameter that neither
a default nor `parameters.json` nor the outer stack gives a value.

A template may skip rules of checkov (CKV...) and cfn-guard (CT...), with the
reason. For one resource in the resource's Metadata:

    Metadata:
      checkov: {skip: [{id: CKV_AWS_18, comment: It holds the access logs itself}]}
      guard: {skip: [{id: CT.S3.PR.2, comment: It holds the access logs itself}]}

For every resource of a type in the Metadata of the template:

    Metadata:
      Skips:
        AWS::Lambda::Function:
          - {ids: [CKV_AWS_117, CT.LAMBDA.PR.3], comment: There is no VPC}

The second kind is copied here to each resource of the type, where checkov
looks for it.
"""

import argparse
import copy
import json
import logging
import os
import re
import sys
from pathlib import Path

STAGES = ["dev", "test", "prod"]

# The example account of AWS's own documentation.
ACCOUNT = "123456789012"

# The folder of stacks that are deployed once, whatever the stages.
ONCE = "once"

# Properties that name something on this disk, which SAM wants to see on S3.
LOCAL = {
    "AWS::Serverless::Function": "CodeUri",
    "AWS::Serverless::LayerVersion": "ContentUri",
    "AWS::Serverless::StateMachine": "DefinitionUri",
}

NO_VALUE = {"Ref": "AWS::NoValue"}


class Unfit(Exception):
    """A template that can't be expanded, with the reason."""


def read(file):
    """A template as CloudFormation's JSON, or None for a file that is none."""
    from samtranslator.yaml_helper import yaml_parse

    try:
        document = yaml_parse(file.read_text(encoding="utf-8"))
    except Exception as error:
        raise Unfit(f"{file} is not YAML: {error}") from error
    return document if isinstance(document, dict) and "Resources" in document else None


def templates(root):
    """Every template below a checkout, by its path from there."""
    files = [root / "template.yaml", root / "pipeline.yaml"]
    files += sorted((root / "ops").rglob("*.yaml"))
    found = {}
    for file in files:
        template = read(file) if file.is_file() else None
        if template is not None:
            found[file.relative_to(root).as_posix()] = template
    return found


def nested(template):
    """The stacks on this disk that a template nests: logical name and path."""
    for name, resource in template["Resources"].items():
        if resource.get("Type") in ("AWS::CloudFormation::Stack", "AWS::Serverless::Application"):
            properties = resource.get("Properties", {})
            path = properties.get("TemplateURL", properties.get("Location"))
            if isinstance(path, str) and "://" not in path:
                yield name, Path(path).as_posix()


def translate(template, values):
    """What SAM's transform makes of a template."""
    from samtranslator.model.exceptions import InvalidDocumentException
    from samtranslator.translator.transform import transform

    if "Transform" not in template:
        return template
    if template["Transform"] != "AWS::Serverless-2016-10-31":
        raise Unfit(f"the transform {template['Transform']} is not known here")
    for resource in template["Resources"].values():
        key = LOCAL.get(resource.get("Type"))
        path = resource.get("Properties", {}).get(key) if key else None
        if isinstance(path, str) and "://" not in path:
            resource["Properties"][key] = f"s3://on-this-disk/{path}"

    class Policies:
        """Names of AWS's managed policies, which SAM would ask IAM for."""

        def load(self):
            return {}

    texts = {name: value for name, value in values.items() if not isinstance(value, dict)}
    try:
        return transform(template, texts, Policies(), passthrough_metadata=True)
    except InvalidDocumentException as error:
        causes = "; ".join(cause.message for cause in error.causes)
        raise Unfit(f"SAM refuses it: {causes}") from error


class Stack:
    """Decides and fills in what is known of one stack."""

    def __init__(self, template, values, region):
        self.template = template
        self.values = {
            "AWS::Region": region,
            "AWS::AccountId": ACCOUNT,
            "AWS::Partition": "aws",
            "AWS::URLSuffix": "amazonaws.com",
            **values,
        }
        self.decided = {}

    def known(self, name, deciding):
        """The value of a parameter; of what AWS provides only to decide by it."""
        if name.startswith("AWS::") and not deciding:
            return None
        return self.values.get(name)

    def holds(self, name):
        """Whether a condition does."""
        if name not in self.decided:
            conditions = self.template.get("Conditions", {})
            if name not in conditions:
                raise Unfit(f"there is no condition {name}")
            self.decided[name] = self.decide(conditions[name], name)
        return self.decided[name]

    def decide(self, term, name):
        if isinstance(term, dict) and len(term) == 1:
            ((function, argument),) = term.items()
            if function == "Condition":
                return self.holds(argument)
            if function == "Fn::Not":
                return not self.decide(argument[0], name)
            if function == "Fn::And":
                return all([self.decide(part, name) for part in argument])
            if function == "Fn::Or":
                return any([self.decide(part, name) for part in argument])
            if function == "Fn::Equals":
                left, right = [self.fill(side, deciding=True) for side in argument]
                if isinstance(left, (dict, list)) or isinstance(right, (dict, list)):
                    # What AWS makes up, or the deployment must give, is something.
                    if "" in (left, right):
                        return False
                    raise Unfit(
                        f"condition {name} can't be decided: give {json.dumps(term)} "
                        "a value in xtask/python/parameters.json"
                    )
                return text(left) == text(right)
        raise Unfit(f"condition {name} is not understood: {json.dumps(term)}")

    def fill(self, value, deciding=False):
        """A value with all that is known put in."""
        if isinstance(value, list):
            filled = [self.fill(item, deciding) for item in value]
            return [item for item in filled if item != NO_VALUE]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            ((function, argument),) = value.items()
            if function == "Ref":
                known = self.known(argument, deciding)
                return value if known is None else copy.deepcopy(known)
            if function == "Fn::If":
                condition, then, otherwise = argument
                return self.fill(then if self.holds(condition) else otherwise, deciding)
            if function == "Fn::Sub":
                return self.substitute(argument, deciding)
            if function in CALCULATED:
                filled = self.fill(argument, deciding)
                try:
                    return CALCULATED[function](self, filled)
                except (Unknown, KeyError):
                    return {function: filled}
        filled = {key: self.fill(item, deciding) for key, item in value.items()}
        return {key: item for key, item in filled.items() if item != NO_VALUE}

    def substitute(self, argument, deciding):
        form, own = (argument, {}) if isinstance(argument, str) else argument
        own = {name: self.fill(value, deciding) for name, value in own.items()}

        def put_in(match):
            name = match.group(1)
            known = own.get(name) if name in own else self.known(name, deciding)
            if known is None or isinstance(known, (dict, list)):
                return match.group(0)
            own.pop(name, None)
            return text(known)

        filled = re.sub(r"\$\{([^!}][^}]*)\}", put_in, form)
        if own:
            return {"Fn::Sub": [filled, own]}
        if "${" in filled:
            return {"Fn::Sub": filled}
        return filled

    def expand(self):
        """The template as the stack will have it."""
        out = {}
        for section, content in self.template.items():
            if section in ("Conditions", "Rules"):
                continue
            if section == "Parameters":
                out[section] = {name: self.parameter(name, one) for name, one in content.items()}
            elif section in ("Resources", "Outputs"):
                out[section] = {}
                for name, one in content.items():
                    if "Condition" not in one or self.holds(one["Condition"]):
                        kept = {key: item for key, item in one.items() if key != "Condition"}
                        out[section][name] = self.fill(kept)
            else:
                out[section] = content
        return out

    def parameter(self, name, parameter):
        value = self.values.get(name)
        if value is None or isinstance(value, dict):
            return parameter
        default = ",".join(map(text, value)) if isinstance(value, list) else value
        return {**parameter, "Default": default}


class Unknown(Exception):
    """An argument that only AWS knows."""


def text(value):
    """A scalar as CloudFormation compares and joins it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (dict, list)):
        raise Unknown
    return str(value)


def items(value):
    if not isinstance(value, list):
        raise Unknown
    return value


def select(_, argument):
    index, choices = argument
    return items(choices)[int(text(index))]


def find_in_map(stack, argument):
    place = stack.template.get("Mappings", {})
    for key in argument[:3]:
        place = place[text(key)]
    return place


# Functions whose result is known as soon as their arguments are.
CALCULATED = {
    "Fn::Join": lambda _, argument: argument[0].join(map(text, items(argument[1]))),
    "Fn::Split": lambda _, argument: text(argument[1]).split(text(argument[0])),
    "Fn::Select": select,
    "Fn::FindInMap": find_in_map,
}


def carry_skips(template):
    """Copies the skips for a type to each resource of it."""
    kinds = template.get("Metadata", {}).get("Skips", {})
    for kind, skips in kinds.items():
        kinds[kind] = [
            {"id": rule, "comment": skip.get("comment", "")}
            for skip in skips
            for rule in skip.get("ids", [""])
        ]
        for resource in template["Resources"].values():
            if resource["Type"] != kind:
                continue
            # SAM hands one Metadata to all that it makes of a resource.
            metadata = resource["Metadata"] = copy.deepcopy(resource.get("Metadata", {}))
            for skip in kinds[kind]:
                if not skip["id"] or not skip["comment"]:
                    # Not a skip; `cargo xtask check` says so.
                    continue
                tool = "checkov" if skip["id"].startswith("CKV") else "guard"
                metadata.setdefault(tool, {}).setdefault("skip", []).append(skip)


def defaults(template):
    values = {}
    for name, parameter in template.get("Parameters", {}).items():
        # What these name is in the account's parameter store.
        if "Default" in parameter and not parameter["Type"].startswith("AWS::SSM::"):
            values[name] = parameter["Default"]
    return values


def listed(template, values):
    """Values with those of list parameters as lists."""
    kinds = template.get("Parameters", {})
    return {
        name: value.split(",")
        if isinstance(value, str) and "List" in kinds.get(name, {}).get("Type", "")
        else value
        for name, value in values.items()
    }


def expand_stack(found, path, given, region):
    """Expands one stack: its path and template, then those of what it nests."""
    try:
        template = copy.deepcopy(found[path])
        declared = template.get("Parameters", {})
        values = {**defaults(template), **{n: v for n, v in given.items() if n in declared}}
        # What the outer stack gives as an intrinsic is as good as unknown.
        values = {name: value for name, value in values.items() if not isinstance(value, dict)}
        values = listed(template, values)
        stack = Stack(translate(template, values), values, region)
        expanded = stack.expand()
        carry_skips(expanded)
    except Unfit as error:
        raise Unfit(f"{path}: {error}") from error
    yield path, expanded
    for name, inner in nested(expanded):
        if inner not in found:
            raise Unfit(f"{path}: {name} nests {inner}, which is not there")
        yield from expand_stack(
            found, inner, expanded["Resources"][name]["Properties"].get("Parameters", {}), region
        )


def released(root, stage):
    """What the pipeline gives a stage: `ops/config/<stage>.json`."""
    file = root / "ops/config" / f"{stage}.json"
    if not file.is_file():
        return {}
    return json.loads(file.read_text(encoding="utf-8"))["Parameters"]


def expand_all(found, examples, stages, region, root):
    """Every expansion: its folder, its path and the template."""
    attached = {inner for template in found.values() for _, inner in nested(template)}
    reached = set()
    for path, template in found.items():
        if path in attached:
            continue
        parameter = template.get("Parameters", {}).get("Stage")
        folders = stages if parameter else [ONCE]
        allowed = (parameter or {}).get("AllowedValues", folders)
        for folder in folders:
            if folder in allowed:
                given = {**examples, "Stage": folder, **released(root, folder)}
                for inner, expanded in expand_stack(found, path, given, region):
                    reached.add(inner)
                    yield folder, inner, expanded
    for path in sorted(attached - reached):
        if set(stages) == set(STAGES):
            raise Unfit(f"{path} is nested, but no stage has it")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    here = Path(__file__).resolve().parent
    parser.add_argument("--root", type=Path, default=here.parent.parent, help="the checkout")
    parser.add_argument("--out", type=Path, help="where to write; .local/check in the checkout")
    parser.add_argument("--region", default="eu-west-1", help="where the stack would be")
    parser.add_argument("--stage", action="append", choices=STAGES, help="only this one")
    asked = parser.parse_args()
    out = asked.out or asked.root / ".local/check"

    # SAM asks the SDK for a region, and must get no answer from anywhere else.
    os.environ["AWS_DEFAULT_REGION"] = asked.region
    os.environ["AWS_EC2_METADATA_DISABLED"] = "true"
    # It would warn that nobody takes its statistics.
    logging.getLogger("samtranslator").setLevel(logging.ERROR)
    examples = (here / "parameters.json").read_text(encoding="utf-8")
    examples = json.loads(examples.replace("${AWS::Region}", asked.region))
    try:
        for folder, path, expanded in expand_all(
            templates(asked.root), examples, asked.stage or STAGES, asked.region, asked.root
        ):
            file = out / folder / Path(path).with_suffix(".json")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(expanded, indent=2) + "\n", encoding="utf-8")
            print(file.relative_to(out).as_posix())
    except Unfit as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
