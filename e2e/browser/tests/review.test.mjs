// Somebody was there, says so, and others read it.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';

import { violations } from '../lib/axe.mjs';
import { browser, go } from '../lib/browser.mjs';
import { enter, leave } from '../lib/people.mjs';
import { draft, member, publish, tag, today } from '../lib/stack.mjs';

const walk = browser();

const TITLE = `To be reviewed ${tag}`;
const TEXT = `Four fiddles and a stool kept free, ${tag}.`;

let slug;
let roisin;
before(async () => {
  const { token } = await member('rory', 'moderators');
  slug = await publish(token, draft(TITLE), []);
  roisin = await member('roisin');
});

test('a review is written, seen through, and read by others', (t) =>
  walk(t, {}, async (page, context) => {
    await enter(context, roisin.email);
    await go(page, `/review/?session=${slug}`);
    // Without a rating there is no review.
    await page.getByLabel('What you found').fill(TEXT);
    await page.getByRole('button', { name: 'Send the review' }).click();
    await page.locator('[aria-invalid=true]').first().waitFor();
    assert.deepEqual(await violations(page), []);
    await page.getByLabel('All in all').selectOption('4');
    await page.getByLabel('The evening it is about').fill(today());
    await page.getByRole('button', { name: 'Send the review' }).click();
    await page.waitForURL(/\/mine\/?/);
    await page.locator('.submission').first().getByText('Published.').waitFor({ timeout: 60_000 });
    await leave(context);
    await page.goto(`/sessions/${slug}/`);
    await page.locator('.reviews').getByText(TEXT).waitFor();
    assert.match(await page.locator('section', { hasText: TEXT }).last().innerText(), /4(\.0)? out of 5/);
  }));
