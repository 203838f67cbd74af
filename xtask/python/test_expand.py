"""Tests of `expand.py`; `cargo xtask check` runs them."""

import json
import logging
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import expand

HERE = Path(__file__).resolve().parent

APPLICATION = """
Transform: AWS::Serverless-2016-10-31
Parameters:
  Stage: {Type: String, AllowedValues: [local, dev, test, prod], Default: dev}
  SiteUrl: {Type: String}
  Unknown: {Type: String}
  Zones: {Type: CommaDelimitedList, Default: 'a,b'}
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
  IsBelow: !Not [!Condition IsProd]
  IsSecure: !Equals [!Select [0, !Split [':', !Ref SiteUrl]], https]
  Both: !And [!Condition IsProd, !Condition IsSecure]
  HasUnknown: !Not [!Equals [!Ref Unknown, '']]
  Here: !Or [!Equals [!Ref AWS::Region, eu-west-1], !Equals [!FindInMap [Sizes, dev, Days], 0]]
Mappings:
  Sizes:
    dev: {Days: 1}
    test: {Days: 2}
    prod: {Days: 30}
Metadata:
  Skips:
    AWS::Lambda::Function:
      - {ids: [CKV_AWS_117, CT.LAMBDA.PR.3], comment: There is no VPC}
Resources:
  Say:
    Type: AWS::Serverless::Function
    Metadata:
      checkov: {skip: [{id: CKV_AWS_116, comment: It is called and waited for}]}
    Properties:
      Runtime: provided.al2023
      Handler: bootstrap
      CodeUri: target/say/
      Role: !Sub 'arn:${AWS::Partition}:iam::${AWS::AccountId}:role/say'
      AutoPublishAlias: live
      Environment:
        Variables:
          STAGE: !Ref Stage
          DAYS: !FindInMap [Sizes, !Ref Stage, Days]
          NAME: !Sub '${AWS::StackName}-${Stage}'
          HOST: !Sub ['${Host}/${Unknown}', {Host: !Select [1, !Split ['//', !Ref SiteUrl]]}]
          ZONES: !Join ['-', !Ref Zones]
          ONLY_PROD: !If [IsProd, 'yes', !Ref AWS::NoValue]
  Flow:
    Type: AWS::Serverless::StateMachine
    Properties:
      DefinitionUri: statemachines/flow.asl.json
      Role: !Sub 'arn:${AWS::Partition}:iam::${AWS::AccountId}:role/flow'
  Kept:
    Type: AWS::SNS::Topic
    Condition: Both
  Cheap:
    Type: AWS::SNS::Topic
    Condition: IsBelow
  Near:
    Type: AWS::SNS::Topic
    Condition: Here
  Given:
    Type: AWS::SNS::Topic
    Condition: HasUnknown
  Alarms:
    Type: AWS::CloudFormation::Stack
    Condition: IsProd
    Properties:
      TemplateURL: ops/alarms.yaml
      Parameters: {App: !Ref AWS::StackName, Stage: !Ref Stage}
Outputs:
  Kept: {Condition: IsProd, Value: !Ref Kept}
"""

ALARMS = """
Parameters:
  App: {Type: String}
  Stage: {Type: String, Default: dev}
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
Resources:
  Page:
    Type: AWS::SNS::Topic
    Condition: IsProd
    Properties: {TopicName: !Sub '${App}-${Stage}'}
"""

ONCE = "Resources: {Trail: {Type: AWS::SNS::Topic}}"


def setUpModule():
    os.environ["AWS_DEFAULT_REGION"] = "eu-west-1"
    logging.getLogger("samtranslator").setLevel(logging.CRITICAL)


class Expanding(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        self.write("template.yaml", APPLICATION)
        self.write("ops/alarms.yaml", ALARMS)
        self.write("ops/account.yaml", ONCE)
        self.write("ops/metrics.yaml", "metrics: []")

    def write(self, path, text):
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def expand(self, stages=("dev", "test", "prod"), region="eu-west-1"):
        examples = {"SiteUrl": "https://seisiun.example"}
        all_of_them = expand.expand_all(
            expand.templates(self.root), examples, list(stages), region, self.root
        )
        return {f"{folder}/{path}": template for folder, path, template in all_of_them}

    def refused(self, reason, stages=("prod",)):
        with self.assertRaises(expand.Unfit) as caught:
            self.expand(stages)
        self.assertIn(reason, str(caught.exception))

    def test_each_stage_has_its_own(self):
        found = self.expand()
        self.assertEqual(
            set(found),
            {
                "dev/template.yaml",
                "test/template.yaml",
                "prod/template.yaml",
                "prod/ops/alarms.yaml",
                "once/ops/account.yaml",
            },
        )
        dev, prod = found["dev/template.yaml"], found["prod/template.yaml"]
        self.assertEqual(set(prod["Resources"]) - set(dev["Resources"]), {"Kept", "Alarms"})
        self.assertEqual(set(dev["Resources"]) - set(prod["Resources"]), {"Cheap"})
        self.assertIn("Given", dev["Resources"])
        self.assertEqual((set(dev["Outputs"]), set(prod["Outputs"])), (set(), {"Kept"}))
        for template in found.values():
            self.assertNotIn("Conditions", template)
            for resource in template["Resources"].values():
                self.assertNotIn("Condition", resource)

    def test_what_is_known_is_put_in_and_the_rest_stays(self):
        found = self.expand(stages=["prod"])
        say = found["prod/template.yaml"]["Resources"]["Say"]["Properties"]
        self.assertEqual(
            say["Environment"]["Variables"],
            {
                "STAGE": "prod",
                "DAYS": 30,
                "NAME": {"Fn::Sub": "${AWS::StackName}-prod"},
                "HOST": {"Fn::Sub": "seisiun.example/${Unknown}"},
                "ZONES": "a-b",
                "ONLY_PROD": "yes",
            },
        )
        self.assertEqual(say["Code"]["S3Key"], "target/say/")
        page = found["prod/ops/alarms.yaml"]["Resources"]["Page"]
        self.assertEqual(page["Properties"]["TopicName"], {"Fn::Sub": "${App}-prod"})
        dev = self.expand(stages=["dev"])["dev/template.yaml"]["Resources"]["Say"]
        self.assertNotIn("ONLY_PROD", dev["Properties"]["Environment"]["Variables"])

    def test_another_region_decides_by_itself(self):
        near = self.expand(stages=["dev"])["dev/template.yaml"]["Resources"]
        far = self.expand(stages=["dev"], region="eu-central-1")["dev/template.yaml"]["Resources"]
        self.assertEqual(set(near) - set(far), {"Near"})

    def test_skips_come_through(self):
        resources = self.expand(stages=["dev"])["dev/template.yaml"]["Resources"]
        say = resources["Say"]["Metadata"]
        self.assertEqual(
            [skip["id"] for skip in say["checkov"]["skip"]], ["CKV_AWS_116", "CKV_AWS_117"]
        )
        self.assertEqual(
            say["guard"]["skip"], [{"id": "CT.LAMBDA.PR.3", "comment": "There is no VPC"}]
        )
        self.assertEqual(
            [skip["id"] for skip in resources["SayAliaslive"]["Metadata"]["checkov"]["skip"]],
            ["CKV_AWS_116"],
        )

    def test_what_cannot_be_expanded_is_told(self):
        undecided = APPLICATION.replace("[!Ref Stage, prod]", "[!Ref Unknown, prod]")
        self.write("template.yaml", undecided)
        self.refused("template.yaml: condition IsProd can't be decided")
        self.write("template.yaml", APPLICATION.replace("!Condition IsProd]", "!Condition Gone]"))
        self.refused("there is no condition Gone")
        self.write("template.yaml", APPLICATION.replace("ops/alarms.yaml", "ops/gone.yaml"))
        self.refused("Alarms nests ops/gone.yaml, which is not there")
        self.write("template.yaml", APPLICATION.replace("Runtime:", "Runtme:"))
        self.refused("template.yaml: SAM refuses it")
        self.write("template.yaml", APPLICATION + "\n  : [")
        self.refused("template.yaml is not YAML")
        never = APPLICATION.replace("Ref Stage, prod]", "Ref Stage, local]")
        self.write("template.yaml", never)
        self.refused("ops/alarms.yaml is nested, but no stage has it", expand.STAGES)

    def test_the_program_writes_what_it_names(self):
        command = [sys.executable, str(HERE / "expand.py"), "--root", str(self.root)]
        out = self.root / "out"
        command += ["--out", str(out), "--stage", "dev"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stdout.split(), ["dev/template.json", "once/ops/account.json"])
        for name in done.stdout.split():
            self.assertIn("Resources", json.loads((out / name).read_text(encoding="utf-8")))
        self.write("template.yaml", APPLICATION.replace("Runtime:", "Runtme:"))
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("SAM refuses it", done.stderr)


if __name__ == "__main__":
    unittest.main()
