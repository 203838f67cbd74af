"""Prints the dates of calendars, as icalendar and recurring-ical-events read them.

python dates.py FOLDER BEGIN END, the last two in seconds since 1970. Prints a
JSON object: file name to the starts of its events, in seconds, in order.
Cancelled ones are left out.
"""

import json
import pathlib
import sys
from datetime import datetime, timezone

import icalendar
import recurring_ical_events

folder, begin, end = pathlib.Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
window = [datetime.fromtimestamp(at, timezone.utc) for at in (begin, end)]
found = {}
for file in sorted(folder.glob("*.ics")):
    calendar = icalendar.Calendar.from_ical(file.read_bytes())
    for component in calendar.walk():
        if component.errors:
            sys.exit(f"{file.name}: {component.name}: {component.errors}")
    events = recurring_ical_events.of(calendar).between(*window)
    starts = [
        int(event["DTSTART"].dt.timestamp())
        for event in events
        if event.get("STATUS") != "CANCELLED"
    ]
    found[file.name] = sorted(at for at in starts if begin <= at < end)
print(json.dumps(found))
