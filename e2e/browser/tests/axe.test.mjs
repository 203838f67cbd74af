// No violation of axe-core's on any page: in both languages by day on a phone; by
// night on a desk, where other colours and other places are, in one.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';

import { violations } from '../lib/axe.mjs';
import { browser, settled } from '../lib/browser.mjs';
import { visit } from '../lib/people.mjs';
import { pages, sampled } from '../pages.mjs';

const walk = browser();

let all;
before(async () => {
  all = pages(await sampled());
});

const VIEWS = [
  { name: 'by day on a phone', languages: ['en', 'ga'], colorScheme: 'light', viewport: { width: 360, height: 780 } },
  { name: 'by night on a desk', languages: ['en'], colorScheme: 'dark', viewport: { width: 1280, height: 900 } },
];

for (const { name, languages, ...view } of VIEWS) {
  test(`axe finds nothing ${name}`, (t) =>
    walk(t, view, async (page) => {
      const found = [];
      for (const each of all.filter(({ language }) => languages.includes(language))) {
        await visit(page, each);
        await settled(page, each);
        found.push(...(await violations(page)).map((violation) => `${each.href}: ${violation}`));
      }
      assert.deepEqual(found, []);
    }));
}
