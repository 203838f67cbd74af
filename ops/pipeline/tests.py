"""The pipeline's programs against an invented stack: python3 ops/pipeline/tests.py, in `cargo xtask test unit`"""

import json
import os
import re
import sys
import tempfile
import threading
import unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(__file__))

import junit  # noqa: E402
import review  # noqa: E402
import verify  # noqa: E402

ROOT = Path(__file__).parents[2]
TABLE = """
=== lint: cargo clippy
layer        passed  failed           time         budget
format            0       0          0.5 s     1 min 00 s
unit            812       0    2 min 30 s     4 min 00 s  over its budget
engine           60       2    5 min 01 s     7 min 00 s  FAILED
in all                        7 min 31 s    50 min 00 s

872 passed, 2 failed
"""


class Report(unittest.TestCase):
    def test_a_case_for_every_layer(self):
        suite = junit.report(TABLE)
        cases = [(c.get("name"), c.get("time"), c.find("failure") is not None) for c in suite]
        self.assertEqual(cases, [("format", "0.500", False), ("unit", "150.000", False), ("engine", "301.000", True)])
        self.assertEqual(suite.get("failures"), "1")

    def test_a_log_that_broke_off_has_failed(self):
        for log in ("", "error: could not compile"):
            self.assertEqual(junit.report(log).get("failures"), "1")


def change(action, kind, logical, **more):
    return {"ResourceChange": {"Action": action, "ResourceType": kind, "LogicalResourceId": logical, **more}}


class Review(unittest.TestCase):
    def reviewed(self, described, nested_old="a\nb\n", nested_new="a\nc\n"):
        resources = {"Alarms": {"Properties": {"TemplateURL": "https://s3.eu-west-1.amazonaws.com/packages/1.template"}}}

        def aws(*args):
            match args:
                case ("cloudformation", "describe-change-set", *_):
                    return described
                case ("cloudformation", "get-template", "--stack-name", "S", "--change-set-name", *_):
                    return {"TemplateBody": {"Resources": resources}}
                case ("cloudformation", "get-template", "--stack-name", "arn:nested"):
                    return {"TemplateBody": nested_old}
                case ("s3", "cp", "s3://packages/1.template", "-"):
                    return nested_new
            raise AssertionError(args)

        with tempfile.TemporaryDirectory() as folder:
            summary = review.review(aws, "S", "C", Path(folder))
            return summary, sorted(os.listdir(folder))

    nested = change("Modify", review.STACK, "Alarms", PhysicalResourceId="arn:nested", Replacement="False")

    def test_what_changes_is_counted_and_nested_templates_are_compared(self):
        changes = [change("Add", "AWS::SQS::Queue", "Q"), change("Modify", "AWS::Lambda::Function", "F", Replacement="False"), self.nested]
        summary, files = self.reviewed({"Status": "CREATE_COMPLETE", "Changes": changes})
        self.assertEqual(summary, "1 added, 2 changed, 0 removed. nested: Alarms +1 -1 lines")
        self.assertIn("Alarms.diff", files)

    def test_a_nested_stack_that_stays_the_same_is_no_change(self):
        summary, files = self.reviewed({"Status": "CREATE_COMPLETE", "Changes": [self.nested]}, nested_new="a\nb\n")
        self.assertEqual(summary, "0 added, 0 changed, 0 removed")
        self.assertNotIn("Alarms.diff", files)

    def test_lost_data_comes_first(self):
        for changes in (
            [change("Modify", "AWS::DynamoDB::Table", "Table", Replacement="True")],
            [change("Modify", "AWS::DynamoDB::Table", "Table", Replacement="Conditional")],
            [change("Remove", "AWS::DynamoDB::Table", "Table")],
        ):
            summary, _ = self.reviewed({"Status": "CREATE_COMPLETE", "Changes": changes})
            self.assertTrue(summary.startswith("DATA AT RISK, removed or replaced: Table."), summary)

    def test_no_changes_is_no_failure_and_a_failure_is_one(self):
        reason = "The submitted information didn't contain changes. Submit different information to create a change set."
        self.assertEqual(self.reviewed({"Status": "FAILED", "StatusReason": reason})[0], "Nothing changes in the stack")
        with self.assertRaisesRegex(RuntimeError, "no such parameter"):
            self.reviewed({"Status": "FAILED", "StatusReason": "no such parameter"})


class Site(BaseHTTPRequestHandler):
    """As much of the API as is looked at. `broken` makes one thing wrong."""

    broken = ""
    withdrawn = False

    def log_message(self, *_):
        pass

    def answer(self, status, body=None, kind="application/json"):
        data = json.dumps(body if body is not None else {}).encode()
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self):
        path, signed_in = self.path.split("?")[0], "authorization" in self.headers
        if path == "/api/health":
            return self.answer(500 if Site.broken == "health" else 200)
        if path == "/api/openapi.json":
            return self.answer(200, {} if Site.broken == "commit" else json.loads((ROOT / "docs/openapi.json").read_text()))
        if path in ("/api/me", "/api/moderation/cases"):
            return self.answer(200 if signed_in or Site.broken == "token" else 401)
        if path == "/api/sessions/tunes":
            return self.answer(410 if Site.withdrawn else 200)
        if path.startswith("/api/sessions/"):
            return self.answer(404, kind="text/html" if Site.broken == "problem" else "application/problem+json")
        if path == "/api/sessions":
            return self.answer(200, {"sessions": [] if Site.broken == "search" else [{"slug": "tunes"}]})
        if path.startswith("/api/submissions/"):
            state = "in_review" if Site.broken == "review" else "published"
            return self.answer(200, {"state": state, "slug": "tunes", "delayed": False})
        return self.answer(404)

    def do_POST(self):
        self.rfile.read(int(self.headers.get("content-length", 0)))
        if self.path == "/api/auth/sign-in":
            return self.answer(200, {"access_token": "t", "expires_in_seconds": 900})
        if not re.fullmatch(r"[A-Za-z0-9_-]{8,64}", self.headers.get("idempotency-key", "")):
            return self.answer(400)
        Site.withdrawn = Site.withdrawn or self.path.endswith("/withdrawal")
        return self.answer(202, {"submission_id": "01", "replayed": False})


class Verify(unittest.TestCase):
    def setUp(self):
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.subscriptions = [{"Protocol": "email", "SubscriptionArn": "arn:sub"}]
        self.users = []
        self.stage = "test"
        self.kept = (verify.aws, verify.SETTLE_SECONDS, verify.PUBLISH_SECONDS)
        verify.aws, verify.SETTLE_SECONDS, verify.PUBLISH_SECONDS = self.aws, 0, 0
        Site.broken, Site.withdrawn = "", False

    def tearDown(self):
        verify.aws, verify.SETTLE_SECONDS, verify.PUBLISH_SECONDS = self.kept
        self.server.shutdown()
        self.server.server_close()

    def aws(self, *args):
        site = f"http://127.0.0.1:{self.server.server_address[1]}"
        match args:
            case ("cloudformation", "describe-stacks", *_):
                parameters = {"SiteUrl": site, "Stage": self.stage}
                outputs = {"UserPoolId": "pool", "ApiUrl": site}
                if Site.broken == "door":
                    outputs["DistributionId"] = "E1"
                return {"Stacks": [{
                    "Parameters": [{"ParameterKey": k, "ParameterValue": v} for k, v in parameters.items()],
                    "Outputs": [{"OutputKey": k, "OutputValue": v} for k, v in outputs.items()],
                }]}
            case ("cloudformation", "list-stack-resources", "--stack-name", name):
                nested = {"ResourceType": verify.STACK_TYPE, "PhysicalResourceId": "arn:nested"}
                topic = {"ResourceType": verify.TOPIC_TYPE, "PhysicalResourceId": "arn:aws:sns:r:1:on-call"}
                return {"StackResourceSummaries": [topic] if name == "arn:nested" else [nested]}
            case ("sns", *_):
                return {"Subscriptions": self.subscriptions}
            case ("cognito-idp", verb, *_):
                self.users.append(verb)
                return {}
        raise AssertionError(args)

    def failures(self, checks):
        suite = verify.run(verify.Stack("S"), checks)
        return [case.get("name") for case in suite if case.find("failure") is not None]

    def test_a_stack_that_is_well_passes(self):
        self.assertEqual(self.failures(["public", "alerts", "member"]), [])
        self.assertEqual(self.users, ["admin-create-user", "admin-set-user-password", "admin-delete-user"])

    def test_what_is_wrong_is_found(self):
        for broken, name in {
            "health": "api_answers",
            "commit": "api_is_this_commits",
            "token": "refuses_without_token",
            "problem": "problems_are_documents",
            "door": "front_door_is_the_only_one",
            "review": "submission_is_published_and_taken_back",
            "search": "submission_is_published_and_taken_back",
        }.items():
            with self.subTest(broken):
                Site.broken, Site.withdrawn, self.users = broken, False, []
                self.assertEqual(self.failures(["public", "member"]), [name])
                self.assertEqual(self.users[-1], "admin-delete-user")

    def test_a_pending_subscription_fails_and_so_does_none(self):
        for subscriptions in ([{"Protocol": "email", "SubscriptionArn": "PendingConfirmation"}], []):
            self.subscriptions = subscriptions
            self.assertEqual(self.failures(["alerts"]), ["alerts_reach_somebody"])

    def test_prod_is_never_written_to(self):
        self.stage = "prod"
        self.assertEqual(self.failures(["member"]), ["submission_is_published_and_taken_back"])
        self.assertEqual(self.users, [])


def main() -> int:
    # What the programs print of the failures that are wanted is shown of a failed test alone.
    ran = unittest.main(buffer=True, exit=False).result
    # One test may fail in several of its cases.
    failed = len({getattr(test, "test_case", test).id() for test, _ in ran.failures + ran.errors})
    passed = ran.testsRun - failed - len(ran.skipped)
    # As a test program of Rust says it: `cargo xtask test` counts that.
    print(f"test result: {'ok' if ran.wasSuccessful() else 'FAILED'}. {passed} passed; {failed} failed")
    return 0 if ran.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
