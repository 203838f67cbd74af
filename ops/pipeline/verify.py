"""A running stack, looked at from outside: verify.py --stack S --checks public,alerts,member

- `public`: the site's API answers, and it is the API of this commit; what needs a
  token refuses without one; the way past the front door is shut.
- `alerts`: every topic of the stack has somebody on it, and no subscription waits
  for its click.
- `member`: an invented member signs in, sends a session, sees it published, finds
  it and takes it back; then the account is removed. It writes, so it is for Test only. Mail
  goes to the simulator of SES.

It reads the stack through the `aws` command line, and everything else as people do.
"""

import argparse
import json
import random
import secrets
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any, Callable
from xml.etree import ElementTree

# Longest that one answer may take: the gateway ends a request after thirty.
ANSWER_SECONDS = 40
# Longest that a submission may take to its page, and a page to go.
PUBLISH_SECONDS = 300
# Longest that a new version may take to be what the front door serves.
SETTLE_SECONDS = 300
WAIT_SECONDS = 20
STACK_TYPE = "AWS::CloudFormation::Stack"
TOPIC_TYPE = "AWS::SNS::Topic"


class Failure(Exception):
    """What is not as it should be."""


def aws(*args: str) -> Any:
    done = subprocess.run(["aws", *args, "--output", "json"], capture_output=True, text=True, check=False)
    if done.returncode:
        raise Failure(f"aws {' '.join(args[:2])}: {done.stderr.strip()}")
    return json.loads(done.stdout) if done.stdout.strip() else {}


def expect(well: bool, what: str) -> None:
    if not well:
        raise Failure(what)


class Stack:
    def __init__(self, name: str) -> None:
        described = aws("cloudformation", "describe-stacks", "--stack-name", name)["Stacks"][0]
        self.name = name
        self.outputs = {o["OutputKey"]: o["OutputValue"] for o in described.get("Outputs", [])}
        parameters = {p["ParameterKey"]: p["ParameterValue"] for p in described.get("Parameters", [])}
        self.site = parameters["SiteUrl"].rstrip("/")
        self.stage = parameters["Stage"]

    def topics(self, stack: str | None = None) -> list[str]:
        """Topics of the stack and of those nested in it."""
        found = []
        listed = aws("cloudformation", "list-stack-resources", "--stack-name", stack or self.name)
        for resource in listed["StackResourceSummaries"]:
            identifier = resource.get("PhysicalResourceId", "")
            if resource["ResourceType"] == TOPIC_TYPE:
                found.append(identifier)
            elif resource["ResourceType"] == STACK_TYPE and identifier:
                found.extend(self.topics(identifier))
        return found


class Answer:
    def __init__(self, status: int, headers: Any, body: bytes) -> None:
        self.status, self.headers, self.body = status, headers, body

    def json(self) -> Any:
        return json.loads(self.body)

    def __str__(self) -> str:
        return f"{self.status} {self.body[:300].decode(errors='replace')}"


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


OPENER = urllib.request.build_opener(NoRedirect)


def call(method: str, url: str, body: Any = None, headers: dict[str, str] | None = None) -> Answer:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data=data, method=method, headers=headers or {})
    if data is not None:
        request.add_header("content-type", "application/json")
    try:
        with OPENER.open(request, timeout=ANSWER_SECONDS) as answer:
            return Answer(answer.status, answer.headers, answer.read())
    except urllib.error.HTTPError as error:
        return Answer(error.code, error.headers, error.read())
    except OSError as error:
        raise Failure(f"{method} {url} did not answer: {error}") from error


def until(what: str, look: Callable[[], bool], patience: float, every: float = 5.0) -> None:
    began = time.monotonic()
    while not look():
        expect(time.monotonic() - began < patience, f"{what}: not within {patience:.0f} s")
        time.sleep(every)


# ---- public


def api_answers(stack: Stack) -> None:
    answer = call("GET", f"{stack.site}/api/health")
    expect(answer.status == 200, f"/api/health: {answer}")


def api_is_this_commits(stack: Stack) -> None:
    wanted = json.loads((Path(__file__).parents[2] / "docs/openapi.json").read_text())

    def same() -> bool:
        answer = call("GET", f"{stack.site}/api/openapi.json")
        return answer.status == 200 and answer.json() == wanted

    until("the API's document is that of this commit", same, SETTLE_SECONDS)


def refuses_without_token(stack: Stack) -> None:
    for path in ("/api/me", "/api/moderation/cases"):
        answer = call("GET", f"{stack.site}{path}")
        expect(answer.status == 401, f"{path} without a token: {answer}")


def problems_are_documents(stack: Stack) -> None:
    answer = call("GET", f"{stack.site}/api/sessions/no-such-session-{secrets.token_hex(6)}")
    expect(answer.status == 404, f"a session that is not there: {answer}")
    kind = answer.headers.get("content-type", "")
    expect(kind.startswith("application/problem+json"), f"a 404 comes as {kind}")


def front_door_is_the_only_one(stack: Stack) -> None:
    api = stack.outputs.get("ApiUrl", "").rstrip("/")
    if not api or "DistributionId" not in stack.outputs:
        return
    answer = call("GET", f"{api}/api/health")
    expect(answer.status in (401, 403), f"the API answers past the front door: {answer}")


# ---- alerts


def alerts_reach_somebody(stack: Stack) -> None:
    topics = stack.topics()
    expect(bool(topics), "the stack has no topic")
    for topic in topics:
        subscriptions = aws("sns", "list-subscriptions-by-topic", "--topic-arn", topic)["Subscriptions"]
        waiting = [s["Protocol"] for s in subscriptions if s["SubscriptionArn"] == "PendingConfirmation"]
        name = topic.rsplit(":", 1)[-1]
        expect(not waiting, f"{name}: {len(waiting)} subscription(s) wait for the click in the mail that SNS sent")
        expect(bool(subscriptions), f"{name}: nobody is subscribed")


# ---- member


def session(tag: str) -> dict[str, Any]:
    """A weekly session in the middle of an ocean, where nobody looks for one."""
    return {
        "title": f"Pipeline tunes {tag}",
        "venue": {
            "name": f"The Lightship {tag}",
            "address": "1 Long Wave",
            "town": f"Ennis {tag}",
            "county": f"Verification {tag}",
            "country": "IE",
            "position": {"lat": round(random.uniform(-50, -40), 5), "lon": round(random.uniform(-130, -100), 5)},
        },
        "format": "open",
        "level": "any",
        "schedules": [
            {"starts": "21:00", "duration_minutes": 120, "zone": "Europe/Dublin", "rrule": "FREQ=WEEKLY;BYDAY=TH", "from": time.strftime("%Y-%m-%d")}
        ],
        "description": "Reels and jigs, and a song now and then.",
        "instruments": ["fiddle"],
        "tunes": [],
        "links": [],
    }


class Member:
    def __init__(self, stack: Stack, tag: str) -> None:
        self.stack, self.tag = stack, tag
        self.pool = stack.outputs["UserPoolId"]
        self.email = f"success+{tag}@simulator.amazonses.com"
        # Upper, lower, digit and sign, long enough for any policy.
        self.password = f"Vf-{secrets.token_urlsafe(24)}-7"
        self.token = ""

    def __enter__(self) -> "Member":
        user = ("--user-pool-id", self.pool, "--username", self.email)
        aws("cognito-idp", "admin-create-user", *user, "--message-action", "SUPPRESS",
            "--user-attributes", f"Name=email,Value={self.email}", "Name=email_verified,Value=true")
        try:
            aws("cognito-idp", "admin-set-user-password", *user, "--permanent", "--password", self.password)
            body = {"email": self.email, "password": self.password}
            headers = {"x-seisiun-auth": "1", "origin": self.stack.site}
            answer = call("POST", f"{self.stack.site}/api/auth/sign-in", body, headers)
            expect(answer.status == 200, f"sign-in: {answer.status}")
            self.token = answer.json()["access_token"]
        except BaseException:
            self.remove()
            raise
        return self

    def __exit__(self, *_: Any) -> None:
        self.remove()

    def remove(self) -> None:
        try:
            aws("cognito-idp", "admin-delete-user", "--user-pool-id", self.pool, "--username", self.email)
        except Failure as failure:
            # The erasure has been quicker.
            if "UserNotFound" not in str(failure):
                raise

    def api(self, method: str, path: str, body: Any = None) -> Answer:
        headers = {"authorization": f"Bearer {self.token}"}
        if method == "POST":
            headers["idempotency-key"] = secrets.token_urlsafe(16)
        return call(method, f"{self.stack.site}{path}", body, headers)

    def submit(self, path: str, body: Any) -> str:
        answer = self.api("POST", path, body)
        expect(answer.status == 202, f"POST {path}: {answer}")
        return answer.json()["submission_id"]

    def settled(self, submission: str) -> dict[str, Any]:
        """The submission once its workflow has said something."""
        began = time.monotonic()
        while True:
            path = f"/api/submissions/{submission}?wait_seconds={WAIT_SECONDS}&unless=accepted"
            answer = self.api("GET", path)
            expect(answer.status == 200, f"{submission}: {answer}")
            view = answer.json()
            if view["state"] != "accepted":
                return view
            expect(not view["delayed"], f"{submission}: its workflow has failed")
            expect(time.monotonic() - began < PUBLISH_SECONDS, f"{submission} is still {view['state']}")


def submission_is_published_and_taken_back(stack: Stack) -> None:
    expect(stack.stage != "prod", "invented members are not for Prod")
    tag = f"v{secrets.token_hex(5)}"
    with Member(stack, tag) as member:
        wanted = session(tag)
        submission = member.submit("/api/sessions", {"session": wanted})
        view = member.settled(submission)
        expect(view["state"] == "published", f"{submission} is {view['state']}, not published")
        page = f"{stack.site}/api/sessions/{view['slug']}"
        until("the session's page", lambda: call("GET", page).status == 200, PUBLISH_SECONDS)
        place = urllib.parse.urlencode({**wanted["venue"]["position"], "radius_km": 5})
        found = call("GET", f"{stack.site}/api/sessions?{place}")
        expect(found.status == 200 and view["slug"] in found.body.decode(), f"a search near by: {found}")
        answer = member.api("POST", f"/api/submissions/{submission}/withdrawal", {})
        expect(answer.status == 202, f"withdrawal: {answer}")
        until("the page is gone", lambda: call("GET", page).status == 410, PUBLISH_SECONDS)


CHECKS: dict[str, list[Callable[[Stack], None]]] = {
    "public": [api_answers, api_is_this_commits, refuses_without_token, problems_are_documents, front_door_is_the_only_one],
    "alerts": [alerts_reach_somebody],
    "member": [submission_is_published_and_taken_back],
}


def run(stack: Stack, names: list[str]) -> ElementTree.Element:
    suite = ElementTree.Element("testsuite", name=f"verify {stack.name}")
    failed = 0
    checks = [(name, check) for name in names for check in CHECKS[name]]
    for name, check in checks:
        began = time.monotonic()
        case = ElementTree.SubElement(suite, "testcase", classname=name, name=check.__name__)
        try:
            check(stack)
            said = "ok"
        # An answer of another shape is a failure like others.
        except (Failure, KeyError, ValueError) as failure:
            failed += 1
            said = f"FAILED: {type(failure).__name__}: {failure}"
            ElementTree.SubElement(case, "failure", message=said)
        case.set("time", f"{time.monotonic() - began:.3f}")
        print(f"{name}: {check.__name__.replace('_', ' ')} ... {said}", flush=True)
    suite.set("tests", str(len(checks)))
    suite.set("failures", str(failed))
    print(f"\n{len(checks) - failed} passed, {failed} failed")
    return suite


def main() -> int:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--stack", required=True)
    arguments.add_argument("--checks", required=True, help=",".join(CHECKS))
    arguments.add_argument("--report", type=Path)
    given = arguments.parse_args()
    names = given.checks.split(",")
    unknown = [name for name in names if name not in CHECKS]
    if unknown:
        arguments.error(f"there is no check {unknown[0]}: there are {', '.join(CHECKS)}")
    try:
        suite = run(Stack(given.stack), names)
    except Failure as failure:
        print(failure, file=sys.stderr)
        return 1
    if given.report:
        given.report.parent.mkdir(parents=True, exist_ok=True)
        ElementTree.ElementTree(suite).write(given.report, encoding="unicode")
    return 0 if suite.get("failures") == "0" else 1


if __name__ == "__main__":
    sys.exit(main())
