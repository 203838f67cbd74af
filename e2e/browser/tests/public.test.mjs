// Every public page: alive with script, readable without, and never wider than
// a phone.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';

import { alive, browser, drawn, go } from '../lib/browser.mjs';
import { visit } from '../lib/people.mjs';
import { pages, sampled } from '../pages.mjs';

const walk = browser();

/** What a reader has of a page: the words that are shown, in their order. */
const words = (page) => page.locator('main').innerText();

let all;
before(async () => {
  all = pages(await sampled());
});

test('every page comes alive, as it was, and no wider than a phone', (t) =>
  walk(t, {}, async (page) => {
    for (const each of all) {
      const { href, status, language } = each;
      const answer = await visit(page, each);
      assert.equal(answer.status(), status, href);
      await alive(page);
      assert.equal(await page.locator('html').getAttribute('lang'), language, href);
      assert.equal(await page.locator('h1').count(), 1, `${href}: one first heading`);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(wide <= 360, `${href} is ${wide} pixels wide`);
    }
  }));

test('every page reads without script', (t) =>
  walk(t, { script: false }, async (page) => {
    for (const { href, status, scripted } of all) {
      const answer = await page.goto(href);
      assert.equal(answer.status(), status, href);
      assert.ok((await page.title()).length > 5, href);
      assert.ok((await words(page)).length > 40, `${href} says something`);
      // What needs script is not there to be pressed, or the page says so.
      if (scripted) continue;
      const buttons = await page.locator('main button:visible:not([type=submit])').count();
      assert.equal(buttons, 0, `${href} has buttons that do nothing`);
    }
  }));

test('without script, the way from the first page to a session is links and forms', (t) =>
  walk(t, { script: false }, async (page) => {
    await page.goto('/');
    await page.locator('main a[href$="/counties/ie/clare"], main a[href$="/counties/ie/clare/"]').first().click();
    await page.locator('main .card a').first().click();
    await page.locator('a[href$=".ics"]').first().waitFor();
    assert.match(new URL(page.url()).pathname, /^\/sessions\/[^/]+\/?$/);
    await page.goto('/');
    await page.locator('form[role=search] select').selectOption('ie/clare');
    await page.locator('form[role=search] button[type=submit]').click();
    const asked = new URL(page.url());
    assert.equal(asked.pathname, '/sessions/');
    assert.equal(asked.searchParams.get('county'), 'ie/clare');
  }));

test('a link to a page of the same language loads no document', (t) =>
  walk(t, {}, async (page) => {
    await go(page, '/');
    await page.evaluate(() => (window.__sameDocument = true));
    await page.locator('main a[href="/counties/ie/clare/"]').click();
    await drawn(page, 'Clare');
    assert.equal(await page.evaluate(() => window.__sameDocument), true);
    await page.goBack();
    await page.waitForFunction(() => !document.title.includes('Clare'));
    assert.equal(await page.evaluate(() => window.__sameDocument), true);
  }));

test('in the other language, a page is still about the same', (t) =>
  walk(t, {}, async (page) => {
    await go(page, '/report/?session=thursday-tunes');
    await page.locator('.site-header a[hreflang=ga]').click();
    await page.waitForURL('**/ga/report/?session=thursday-tunes');
  }));

test('each page names itself, its other language, and both of them each other', (t) =>
  walk(t, { script: false }, async (page) => {
    for (const { path, status, language } of all.filter(({ status, scripted }) => status === 200 && !scripted)) {
      await page.goto(path);
      const at = (selector) => page.locator(`head ${selector}`).getAttribute('href');
      assert.equal(new URL(await at('link[rel=canonical]')).pathname, path);
      assert.equal(new URL(await at(`link[hreflang=${language}]`)).pathname, path);
      const other = await at(`link[hreflang]:not([hreflang=${language}])`);
      const answer = await page.goto(new URL(other).pathname);
      assert.equal(answer.status(), status, other);
      assert.equal(new URL(await at(`link[hreflang=${language}]`)).pathname, path);
    }
  }));
