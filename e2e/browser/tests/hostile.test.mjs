// A session whose name tries to get out of every place that it stands in, put
// there as any member could: nothing of it runs, anywhere.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';

import { alive, browser, go } from '../lib/browser.mjs';
import { approved, draft, member, send, tag } from '../lib/stack.mjs';
import { COUNTY } from '../pages.mjs';

const walk = browser();

const NAME = `</script><script>window.__ran=1</script><img src=x onerror=window.__ran=2> ${tag}`;

let slug;
before(async () => {
  const { token } = await member('mallory');
  const venue = { name: `"'><svg onload=window.__ran=3> ${tag}` };
  const description = `{{constructor.constructor('window.__ran=4')()}} <b>${tag}</b>`;
  // A person looks at such a name first, and may well let it pass.
  slug = await approved(token, await send(token, draft(NAME, { venue, description })));
});

const ran = (page) => page.evaluate(() => window.__ran);

test('on its own page, in both languages', (t) =>
  walk(t, {}, async (page) => {
    for (const prefix of ['', '/ga']) {
      await go(page, `${prefix}/sessions/${slug}/`);
      assert.equal((await page.locator('h1').innerText()).trim(), NAME);
      assert.equal(await ran(page), undefined);
      const json = await page.locator('script[type="application/ld+json"]').textContent();
      assert.ok(JSON.parse(json), 'its structured data parses');
    }
  }));

test('in a list, in the search, and on the way from there', (t) =>
  walk(t, {}, async (page) => {
    for (const href of [COUNTY.path, `/sessions/?county=ie/clare&q=${tag}`]) {
      await go(page, href);
      const link = page.locator('main .card a').filter({ hasText: NAME });
      await link.waitFor();
      await link.click();
      await page.waitForFunction((slug) => location.pathname.includes(slug), slug);
      await alive(page);
      await page.locator('h1', { hasText: tag }).waitFor();
      assert.equal(await ran(page), undefined, href);
    }
  }));

test('without script, its page is whole', (t) =>
  walk(t, { script: false }, async (page) => {
    await page.goto(`/sessions/${slug}/`);
    assert.equal((await page.locator('h1').innerText()).trim(), NAME);
    await page.locator('footer').waitFor();
  }));
