// In a pub's cellar: what was looked at before is there without a signal.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';

import { browser, go } from '../lib/browser.mjs';
import { draft, member, publish, tag } from '../lib/stack.mjs';
import { COUNTY } from '../pages.mjs';

const walk = browser();

const TITLE = `Tunes in the cellar ${tag}`;

/** What a page says of its requests that nobody answers. */
const UNANSWERED = /ERR_INTERNET_DISCONNECTED|Failed to fetch|FetchEvent/;

let slug;
before(async () => {
  const { token } = await member('ciara', 'moderators');
  slug = await publish(token, draft(TITLE), []);
});

test('tonight, the county and the session, without a signal', (t) =>
  walk(t, { serviceWorkers: 'allow', troubles: UNANSWERED }, async (page, context) => {
    await go(page, '/');
    // From now on the worker sees what is asked for.
    await page.evaluate(async () => {
      await navigator.serviceWorker.ready;
      while (!navigator.serviceWorker.controller) {
        await new Promise((done) => navigator.serviceWorker.addEventListener('controllerchange', done, { once: true }));
      }
    });
    const tonight = page.locator('section[aria-labelledby=tonight]');
    const choose = () => page.locator('form[role=search] select').selectOption('ie/clare');
    await choose();
    await tonight.getByRole('link', { name: TITLE }).waitFor();
    await go(page, COUNTY.path);
    await go(page, `/sessions/${slug}/`);
    await page.waitForLoadState('networkidle');

    await context.setOffline(true);
    await go(page, '/');
    await choose();
    await tonight.getByRole('link', { name: TITLE }).waitFor();
    await go(page, COUNTY.path);
    await page.locator('main .card').first().waitFor();
    await go(page, `/sessions/${slug}/`);
    assert.equal((await page.locator('h1').innerText()).trim(), TITLE);
    // Where nobody has been, one is told so, in the site's own words.
    await page.goto('/counties/ie/monaghan/');
    await page.locator('main h1').waitFor();
    assert.ok((await page.locator('main').innerText()).length > 20);
    await context.setOffline(false);
  }));
