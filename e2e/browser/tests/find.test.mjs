// From tonight to a session to the calendar at home.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { before, test } from 'node:test';

import { browser, drawn, go } from '../lib/browser.mjs';
import { load } from '../lib/packages.mjs';
import { draft, member, publish, tag, today } from '../lib/stack.mjs';

const walk = browser();
const { default: ICAL } = await load('ical.js');

const TITLE = `Tunes tonight ${tag}`;
const POSITION = { lat: 52.8556 + Math.random() / 100, lon: -9.4012 + Math.random() / 100 };

let slug;
before(async () => {
  const { token } = await member('fiadh', 'moderators');
  slug = await publish(token, draft(TITLE, { venue: { position: POSITION } }), []);
});

/** From a list with tonight's session to its calendar. */
async function toTheCalendar(page) {
  const tonight = page.locator('section[aria-labelledby=tonight]');
  const link = tonight.getByRole('link', { name: TITLE });
  await link.click();
  await drawn(page, TITLE);
  assert.match(page.url(), new RegExp(`/sessions/${slug}/?$`));
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.locator('main a.button[href$=".ics"]').click(),
  ]);
  const component = new ICAL.Component(ICAL.parse(await readFile(await download.path(), 'utf8')));
  const [event] = component.getAllSubcomponents('vevent').map((each) => new ICAL.Event(each));
  assert.equal(event.summary, TITLE);
  assert.equal(event.component.getFirstProperty('dtstart').getParameter('tzid'), 'Europe/Dublin');
  const dates = event.iterator();
  let next;
  do next = dates.next();
  while (next && next.toString().slice(0, 10) < today());
  assert.equal(next.toString(), `${today()}T21:30:00`, 'it is on tonight');
}

test('tonight in a county, to the session, to its calendar', (t) =>
  walk(t, { acceptDownloads: true }, async (page) => {
    await go(page, '/');
    await page.locator('form[role=search] select').selectOption('ie/clare');
    await toTheCalendar(page);
  }));

test('tonight near me, to the session, to its calendar', (t) => {
  const geolocation = { latitude: POSITION.lat, longitude: POSITION.lon };
  const options = { acceptDownloads: true, permissions: ['geolocation'], geolocation };
  return walk(t, options, async (page) => {
    await go(page, '/');
    await page.getByRole('button', { name: 'Near me' }).click();
    await toTheCalendar(page);
  });
});

test('where it is not told where it is, it says what to do instead', (t) =>
  walk(t, {}, async (page) => {
    await go(page, '/');
    await page.getByRole('button', { name: 'Near me' }).click();
    await page.locator('section[aria-labelledby=tonight]').getByText('Choose a county').waitFor();
  }));
