// What a moderator does: look, approve, reject with a reason, think again; by
// mouse and by keys.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';

import { violations } from '../lib/axe.mjs';
import { browser, go } from '../lib/browser.mjs';
import { signIn } from '../lib/people.mjs';
import { draft, header, mail, member, send, shown, stands, tag } from '../lib/stack.mjs';

const walk = browser();

/** A telephone number brings a text before a person. */
const FLAGGED = 'Ring +353 1 555 0100 before you come.';
const CONSOLE = '/console/';
const DESK = { viewport: { width: 1280, height: 900 } };

let eve;
before(async () => {
  eve = await member('eve');
});

/** A session that waits for a decision. */
async function waiting(name) {
  const title = `${name} ${tag}`;
  const id = await send(eve.token, draft(title, { description: FLAGGED }));
  await stands(eve.token, id, 'in_review');
  return { title, id };
}

/** Signs in as a moderator and takes a case. */
async function take(page, context, title) {
  await signIn(context, 'moderator');
  await go(page, CONSOLE);
  await page.locator('.picks button', { hasText: title }).click();
  await page.locator('#case', { hasText: title }).waitFor();
  await page.locator('.case').getByText(FLAGGED).waitFor();
}

test('approved, it is public', async (t) => {
  const { title, id } = await waiting('To be approved');
  await walk(t, DESK, async (page, context) => {
    await take(page, context, title);
    assert.deepEqual(await violations(page), []);
    await page.locator('#approve').click();
    await page.locator('.taken li', { hasText: title }).getByText('Approved:').waitFor();
    const { slug } = await stands(eve.token, id, 'published');
    await shown(slug);
    await page.goto(`/sessions/${slug}/`);
    assert.equal((await page.locator('h1').innerText()).trim(), title);
  });
});

test('rejected with a reason, its member is told which', async (t) => {
  const { title, id } = await waiting('To be rejected');
  await walk(t, DESK, async (page, context) => {
    await take(page, context, title);
    await page.locator('#reject').click();
    // Without a rule nothing is rejected.
    await page.getByRole('button', { name: 'Reject it' }).click();
    await page.locator('#rule-problem').waitFor();
    await page.locator('#rule').selectOption({ label: 'Advertising' });
    await page.locator('#note').fill(`A note, ${tag}.`);
    await page.getByRole('button', { name: 'Reject it' }).click();
    await page.locator('.taken li', { hasText: title }).getByText('Rejected:').waitFor();
    await stands(eve.token, id, 'rejected');
    const told = await mail(eve.email, title);
    assert.match(told.text, new RegExp(`A note, ${tag}\\.`), header(told, 'subject'));
  });
});

test('undone in time, nothing was decided', async (t) => {
  const { title, id } = await waiting('To be thought over');
  await walk(t, DESK, async (page, context) => {
    await take(page, context, title);
    await page.locator('#approve').click();
    const taken = page.locator('.taken li', { hasText: title });
    await taken.getByRole('button', { name: 'Undo' }).click();
    await page.locator('.picks button', { hasText: title }).waitFor();
    await page.waitForTimeout(9_000);
    await stands(eve.token, id, 'in_review');
  });
});

test('the whole of it by keys', async (t) => {
  const { title, id } = await waiting('To be decided by keys');
  await walk(t, DESK, async (page, context) => {
    await signIn(context, 'moderator');
    await go(page, CONSOLE);
    await page.locator('.picks button', { hasText: title }).waitFor();
    const heading = page.locator('#case');
    for (let n = 0; n < 100 && !(await heading.innerText()).includes(title); n += 1) {
      const before = await heading.innerText();
      await page.keyboard.press('j');
      await page.waitForFunction((text) => document.querySelector('#case').innerText !== text, before);
    }
    await page.locator('.case').getByText(FLAGGED).waitFor();
    await page.keyboard.press('a');
    await page.locator('.taken li', { hasText: title }).getByText('Approved:').waitFor();
    await stands(eve.token, id, 'published');
  });
});

test('nobody else sees any of it', (t) =>
  walk(t, DESK, async (page, context) => {
    await go(page, CONSOLE);
    await page.locator('main').getByText('sign in', { exact: false }).first().waitFor();
    await signIn(context, 'member');
    await go(page, CONSOLE);
    await page.locator('main').getByText('This page is for moderators').waitFor();
    assert.equal(await page.locator('.picks button').count(), 0);
  }));
