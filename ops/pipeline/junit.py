"""The closing table of `cargo xtask test` as a JUnit report: junit.py <log>

One test case per layer, failed where the table says so. A log without a table
(the build broke off) is one failed case.
"""

import re
import sys
from pathlib import Path
from xml.etree import ElementTree

ROW = re.compile(r"^(?P<layer>[a-z]+) +(?P<passed>\d+) +(?P<failed>\d+) +(?P<time>\S.*?\S)(?: {2,}\S.*)?$")
UNITS = {"h": 3600.0, "min": 60.0, "s": 1.0, "ms": 0.001}


def seconds(text: str) -> float:
    """`3 min 20 s`, `0.52 s`."""
    return sum(float(number) * UNITS.get(unit, 0.0) for number, unit in re.findall(r"([\d.]+) ?([a-z]+)", text))


def report(log: str) -> ElementTree.Element:
    table = log[log.rfind("\nlayer ") :] if "\nlayer " in log else ""
    rows = [row for row in map(ROW.match, table.splitlines()) if row]
    suite = ElementTree.Element("testsuite", name="cargo xtask test", tests=str(max(len(rows), 1)))
    for row in rows:
        case = ElementTree.SubElement(
            suite, "testcase", classname="xtask", name=row["layer"], time=f"{seconds(row['time']):.3f}"
        )
        ElementTree.SubElement(case, "system-out").text = f"{row['passed']} passed, {row['failed']} failed"
        if int(row["failed"]):
            ElementTree.SubElement(case, "failure", message=f"{row['failed']} failed: see the build's log")
    if not rows:
        case = ElementTree.SubElement(suite, "testcase", classname="xtask", name="all")
        ElementTree.SubElement(case, "failure", message="broke off before its closing table: see the build's log")
    suite.set("failures", str(len(suite.findall("testcase/failure"))))
    return suite


if __name__ == "__main__":
    file = Path(sys.argv[1])
    text = file.read_text(errors="replace") if file.is_file() else ""
    print(ElementTree.tostring(report(text), encoding="unicode"))
