// With the keyboard alone.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';

import { browser, go, settled } from '../lib/browser.mjs';
import { visit } from '../lib/people.mjs';
import { origin } from '../lib/stack.mjs';
import { pages, sampled } from '../pages.mjs';

const walk = browser();

let all;
before(async () => {
  // The order of things is the same in every language.
  all = pages(await sampled()).filter(({ language }) => language === 'en');
});

/** What has the focus: its place among everything that can have it, its name, and
 * whether one sees that it has it. */
const focus = (page) =>
  page.evaluate(() => {
    const at = document.activeElement;
    const box = at.getBoundingClientRect();
    const style = getComputedStyle(at);
    const after = getComputedStyle(at, '::after');
    const ring = ({ outlineStyle, outlineWidth }) => outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2;
    return {
      what: at.outerHTML.slice(0, 120),
      place: [...document.all].indexOf(at),
      body: at === document.body,
      seen: box.bottom > 0 && box.right > 0 && box.top < innerHeight && box.left < innerWidth,
      ring: ring(style) || ring(after),
    };
  });

/** Every element that the Tab key should come to, in the document's order. A
 * group of radio buttons is one. */
const stops = (page) =>
  page.evaluate(() => {
    const groups = new Set();
    return [...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex]')]
      .filter((e) => e.tabIndex >= 0 && !e.disabled && e.type !== 'hidden' && e.checkVisibility({ visibilityProperty: true }))
      .filter((e) => e.type !== 'radio' || !(groups.has(e.name) || !groups.add(e.name)))
      .map((e) => e.outerHTML.slice(0, 120));
  });

test('Tab comes to everything, in reading order, and one sees where it is', (t) =>
  walk(t, { viewport: { width: 1280, height: 900 } }, async (page) => {
    for (const each of all) {
      const { href } = each;
      await visit(page, each);
      await settled(page, each);
      const expected = await stops(page);
      const seen = [];
      let place;
      // A field for a date or a time has several stops inside.
      for (let n = 0; n < expected.length * 5 && seen.length < expected.length; n += 1) {
        await page.keyboard.press('Tab');
        const at = await focus(page);
        assert.ok(!at.body, `${href}: the focus is lost after ${seen.at(-1)}`);
        assert.ok(at.seen, `${href}: not in view: ${at.what}`);
        assert.ok(at.ring, `${href}: no ring around ${at.what}`);
        if (at.place !== place) seen.push(at.what);
        place = at.place;
      }
      assert.deepEqual(seen, expected, href);
    }
  }));

test('the first stop skips the navigation', (t) =>
  walk(t, {}, async (page) => {
    for (const each of all.filter(({ status }) => status === 200)) {
      const { href } = each;
      await visit(page, each);
      await settled(page, each);
      await page.keyboard.press('Tab');
      await page.keyboard.press('Enter');
      await page.waitForFunction(() => document.activeElement.id === 'content');
      assert.equal(page.url(), new URL(href, origin).href, 'the page stays where it is');
      await page.keyboard.press('Tab');
      const inside = await page.evaluate(() => document.querySelector('main').contains(document.activeElement));
      const any = await page.locator('main :is(a[href], button, input, select):visible').count();
      assert.ok(inside || any === 0, `${href}: after the link, Tab goes on in the content`);
    }
  }));

test('the search can be filled in and sent by keys', (t) =>
  walk(t, {}, async (page) => {
    await go(page, '/sessions/');
    await page.locator('form[role=search] select').first().focus();
    await page.keyboard.type('Clare');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.locator('main .card').first().waitFor();
  }));
