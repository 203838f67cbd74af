// The long way: somebody signs up, lists a session with photos, watches it go
// public, and a follower without an account hears of it, and then no more. Others
// hear once a week.
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { violations } from '../lib/axe.mjs';
import { browser, drawn, go } from '../lib/browser.mjs';
import { enter } from '../lib/people.mjs';
import { PASSWORD, draft, header, mail, mails, member, run, tag, today, until, verify } from '../lib/stack.mjs';
import { COUNTY } from '../pages.mjs';

const walk = browser();

const fixtures = fileURLToPath(new URL('../../../workflows/photo/tests/fixtures/', import.meta.url));
const PHOTOS = ['clean-coffee.jpg', 'exif6.jpg'].map((name) => path.join(fixtures, name));

const FOLLOWER = `flora.${tag}@example.org`;
const WEEKLY_FOLLOWER = `una.${tag}@example.org`;
// Of each walk its own: who walks again signs up again.
let walks = 0;
let author;
let title;
/** Weekdays as the page calls them. */
const DAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];

/** The first address in a mail's text that leads to this path. */
const link = (mail, path) => {
  const found = mail.text.match(new RegExp(`https?://[^\\s<>]+${path}[^\\s<>]*`))?.[0];
  assert.ok(found, `no link to ${path} in: ${mail.text}`);
  return found;
};

test('somebody without an account follows a county', (t) =>
  walk(t, {}, async (page) => {
    await go(page, COUNTY.path);
    const form = page.locator('section.follow form');
    await form.getByLabel('Your e-mail address').fill(FOLLOWER);
    await form.getByRole('button', { name: 'Follow' }).click();
    await form.getByText('Look into your mailbox').waitFor();
    const asked = await until('the mail that asks', async () => (await mails(FOLLOWER))[0]);
    // The link shows a page and does nothing; its button does.
    await page.goto(link(asked, '/api/confirm/'));
    assert.deepEqual(await violations(page), []);
    await page.getByRole('button').click();
    await page.waitForLoadState();
    assert.equal((await mails(FOLLOWER)).length, 1);
  }));

test('somebody without an account asks to hear once a week', (t) =>
  walk(t, {}, async (page) => {
    await go(page, COUNTY.path);
    const form = page.locator('section.follow form');
    await form.getByLabel('Your e-mail address').fill(WEEKLY_FOLLOWER);
    await form.getByLabel('When to hear of it').selectOption('Once a week');
    assert.deepEqual(await violations(page), []);
    const [request] = await Promise.all([
      page.waitForRequest('**/api/follow-requests'),
      form.getByRole('button', { name: 'Follow' }).click(),
    ]);
    assert.deepEqual(request.postDataJSON(), {
      email: WEEKLY_FOLLOWER,
      target: `county:${COUNTY.country}:${COUNTY.county}`,
      language: 'en',
      cadence: 'weekly',
      zone: 'Europe/Dublin',
    });
    await form.getByText('Look into your mailbox').waitFor();
    await until('the mail that asks', async () => (await mails(WEEKLY_FOLLOWER))[0]);
  }));

test('a member follows by the week, and thinks better of it', (t) =>
  walk(t, {}, async (page, context) => {
    walks += 1;
    const { email } = await member(`wanda${walks}`);
    await enter(context, email);
    await go(page, '/follows/');
    await page.getByLabel('When to hear of it').selectOption('Once a week');
    await page.getByLabel('Follow a county').selectOption('Clare');
    await page.getByRole('button', { name: 'Follow', exact: true }).click();
    const followed = page.locator('.listed li', { hasText: 'Clare' });
    await followed.getByText('once a week').waitFor();
    assert.deepEqual(await violations(page), []);
    await page.getByRole('button', { name: 'At once instead: Clare' }).click();
    // The button that was pressed offers the way back, and still has the focus.
    const back = page.getByRole('button', { name: 'Weekly instead: Clare' });
    await back.waitFor();
    assert.ok(await back.evaluate((button) => button === document.activeElement));
    await followed.getByText('once a week').waitFor({ state: 'hidden' });
    await page.reload();
    await back.waitFor();
    await followed.getByText('once a week').waitFor({ state: 'hidden' });
  }));

test('somebody signs up, lists a session with photos, and sees it go public', (t) =>
  walk(t, { permissions: [] }, async (page) => {
    walks += 1;
    author = `ailbhe${walks}.${tag}@example.org`;
    title = `The long way ${walks} ${tag}`;
    // ---- an account
    await go(page, '/sign-in/');
    await page.getByRole('button', { name: 'I have no account yet' }).click();
    await page.getByLabel('Address for mail').fill(author);
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Make the account' }).click();
    await page.getByRole('heading', { name: 'Confirm your address' }).waitFor();
    const coded = await until('the mail with the code', async () => (await mails(author))[0]);
    const [code] = `${coded.text ?? coded.html}`.match(/\b\d{6}\b/) ?? [];
    assert.ok(code, `no code in: ${coded.text}`);
    await verify(author);
    await page.getByLabel('Code').fill(code);
    await page.getByRole('button', { name: 'Confirm', exact: true }).click();
    // Signed in, one is among one's own.
    await page.waitForURL(/\/mine\/?/);
    await page.getByRole('heading', { level: 1 }).waitFor();

    // ---- a session
    await go(page, '/submit/');
    await fillIn(page);
    await page.getByLabel('Add photos').setInputFiles(PHOTOS);
    const uploaded = page.locator('.picked li', { hasText: 'Uploaded.' });
    await uploaded.nth(PHOTOS.length - 1).waitFor({ timeout: 60_000 });
    assert.deepEqual(await violations(page), []);
    await page.getByRole('button', { name: 'Send it' }).click();

    // ---- its state, until it is public, without loading anything again
    await page.waitForURL(/\/mine\/?/);
    await page.evaluate(() => (window.__sameDocument = true));
    const card = page.locator('.submission', { hasText: title });
    await card.getByText('Published.').waitFor({ timeout: 60_000 });
    assert.equal(await page.evaluate(() => window.__sameDocument), true);
    await card.getByRole('link', { name: 'To its page' }).click();
    await drawn(page, title);
    assert.equal(await page.locator('.photos img').count(), PHOTOS.length);
    for (const image of await page.locator('.photos img').all()) {
      await image.scrollIntoViewIfNeeded();
      await image.evaluate((image) => image.decode());
    }
  }));

async function fillIn(page) {
  const weekday = (new Date(today()).getUTCDay() + 6) % 7;
  await page.getByLabel('What it is called').fill(title);
  await page.getByLabel('Pub or place').fill(`The Spinning Wheel ${tag}`);
  await page.getByLabel('Town or village').fill('Miltown Malbay');
  await page.getByLabel('County', { exact: true }).selectOption('ie/clare');
  await page.getByLabel('Street').fill('3 Main Street');
  const { lat, lon } = draft('').venue.position;
  await page.getByLabel('Position', { exact: true }).fill(`${lat.toFixed(5)}, ${lon.toFixed(5)}`);
  await page.getByLabel('Day', { exact: true }).selectOption(String(weekday));
  await page.getByLabel('Starts at').fill('21:30');
  // The schedule is said in words, with its next dates, while it is typed.
  await page.locator('.preview', { hasText: `Every ${DAYS[weekday]} at 21:30` }).waitFor();
}

test('the follower hears of it once, and with one click no more', (t) =>
  walk(t, { script: false }, async (page) => {
    const told = await mail(FOLLOWER, title);
    assert.match(told.text, new RegExp(`/sessions/[a-z0-9-]+`));
    const unsubscribe = header(told, 'List-Unsubscribe')?.match(/<(https?:[^>]+)>/)?.[1];
    assert.ok(unsubscribe, 'the mail says how to unsubscribe');
    assert.equal(header(told, 'List-Unsubscribe-Post'), 'List-Unsubscribe=One-Click');
    // A look does nothing, and needs no script.
    const here = new URL(new URL(unsubscribe).pathname, run.front_door_url);
    await page.goto(here.href);
    const stop = page.getByRole('button', { name: 'Yes, stop them' });
    await stop.waitFor();
    // As a mail program does it (RFC 8058): no page, no cookie, no sign-in.
    const done = await fetch(here, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'List-Unsubscribe=One-Click',
    });
    assert.ok(done.ok, `${done.status}`);
    // Done twice, it is done.
    await stop.click();
    await page.waitForLoadState();
    const again = (await mails(FOLLOWER)).filter(({ subject }) => subject.includes(title));
    assert.equal(again.length, 1);
  }));
