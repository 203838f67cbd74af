// Prints the dates of calendars, as ical.js reads them, with the zones that the
// files themselves define. Arguments and output are those of dates.py; before
// them, the path of ical.js.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [library, folder, begin, end] = process.argv.slice(2);
const { default: ICAL } = await import(pathToFileURL(library).href);

const found = {};
for (const name of readdirSync(folder).filter((name) => name.endsWith(".ics")).sort()) {
  ICAL.TimezoneService.reset();
  const calendar = new ICAL.Component(ICAL.parse(readFileSync(join(folder, name), "utf8")));
  for (const zone of calendar.getAllSubcomponents("vtimezone")) {
    ICAL.TimezoneService.register(zone);
  }
  const starts = [];
  const events = calendar.getAllSubcomponents("vevent").map((event) => new ICAL.Event(event));
  const live = (event) => event.component.getFirstPropertyValue("status") !== "CANCELLED";
  for (const event of events.filter((event) => !event.isRecurrenceException())) {
    if (!event.isRecurring()) {
      if (live(event)) starts.push(event.startDate.toUnixTime());
      continue;
    }
    // The library relates exceptions by itself only where they are handed in.
    for (const other of events) {
      if (other.isRecurrenceException() && other.uid === event.uid) event.relateException(other);
    }
    const dates = event.iterator();
    for (let date = dates.next(); date; date = dates.next()) {
      // A date moved to an earlier one comes at its usual place.
      if (date.toUnixTime() > Number(end) + 60 * 86400) break;
      const at = event.getOccurrenceDetails(date);
      if (live(at.item)) starts.push(at.startDate.toUnixTime());
    }
  }
  found[name] = starts
    .filter((at) => at >= Number(begin) && at < Number(end))
    .sort((a, b) => a - b);
}
console.log(JSON.stringify(found));
