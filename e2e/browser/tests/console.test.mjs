// What a moderator does: look, approve, reject with a reason, think again; by
// mouse and by keys.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { violations } from '../lib/axe.mjs';
import { browser, go } from '../lib/browser.mjs';
import { enter, signIn } from '../lib/people.mjs';
import {
  ask, draft, header, key, mail, member, send, shown, somewhere, stands, tag, until, upload,
} from '../lib/stack.mjs';

const walk = browser();

/** A telephone number brings a text before a person. */
const FLAGGED = 'Ring +353 1 555 0100 before you come.';
/** The classifier is unsure of it. */
const FLAGGED_PHOTO = new URL(
  '../../../workflows/photo/tests/fixtures/flagged-by-model.jpg',
  import.meta.url,
);
const CONSOLE = '/console/';
/** The queue: how much of it an answer has, and how often the console looks at it. */
const QUEUE = '/api/moderation/cases';
const QUEUE_PAGE = 50;
const QUEUE_LOOK_MS = 60_000;
const DESK = { viewport: { width: 1280, height: 900 } };

let eve;
before(async () => {
  eve = await member('eve');
});

/** A session that waits for a decision. */
async function waiting(name, by = eve) {
  const title = `${name} ${tag}`;
  const id = await send(by.token, draft(title, { description: FLAGGED }));
  await stands(by.token, id, 'in_review');
  return { title, id };
}

/** Lists as much of the queue as it takes to find a case in it. */
const listed = (page, title) =>
  until(`${title} in the queue`, async () => {
    if (await page.locator('.picks button', { hasText: title }).count()) return true;
    const more = page.getByRole('button', { name: 'List more' });
    if (await more.isVisible()) await more.click();
    return false;
  });

/** Signs in as a moderator and takes a case, as the mail of a reminder leads to it. */
async function take(page, context, { title, id }) {
  await signIn(context, 'moderator');
  await go(page, `${CONSOLE}?case=${id}`);
  await page.locator('#case', { hasText: title }).waitFor();
  await page.locator('.case').getByText(FLAGGED).waitFor();
}

test('approved, it is public', async (t) => {
  const { title, id } = await waiting('To be approved');
  await walk(t, DESK, async (page, context) => {
    await take(page, context, { title, id });
    assert.deepEqual(await violations(page), []);
    await page.locator('#approve').click();
    const taken = page.locator('.taken li', { hasText: title });
    await taken.getByRole('button', { name: 'Send it now' }).click();
    await taken.getByText('Approved:').waitFor();
    const { slug } = await stands(eve.token, id, 'published');
    await shown(slug);
    await page.goto(`/sessions/${slug}/`);
    assert.equal((await page.locator('h1').innerText()).trim(), title);
  });
});

test('rejected with a reason, its member is told which', async (t) => {
  const { title, id } = await waiting('To be rejected');
  await walk(t, DESK, async (page, context) => {
    await take(page, context, { title, id });
    await page.locator('#reject').click();
    // Without a rule nothing is rejected.
    await page.getByRole('button', { name: 'Reject it' }).click();
    await page.locator('#rule-problem').waitFor();
    await page.locator('#rule').selectOption({ label: 'Advertising' });
    await page.locator('#note').fill(`A note, ${tag}.`);
    await page.getByRole('button', { name: 'Reject it' }).click();
    await page.locator('.taken li', { hasText: title }).getByText('Rejected:').waitFor();
    await stands(eve.token, id, 'rejected');
    const told = await mail(eve.email, `Not published: ${title}`);
    assert.match(told.text, new RegExp(`A note, ${tag}\\.`), header(told, 'subject'));
  });
});

test('rejected, its member asks for another look, and another moderator publishes it', async (t) => {
  const { title, id } = await waiting('To be appealed');
  const mo = await member('mo', 'moderators');
  await ask(`/api/moderation/cases/${id}/decision`, {
    method: 'POST',
    body: { measure: 'reject', reason: 'spam', note: 'Ads.' },
    token: mo.token,
    key: key(),
  });
  await stands(eve.token, id, 'rejected');
  await walk(t, DESK, async (page, context) => {
    await enter(context, eve.email);
    await go(page, '/mine/');
    const sent = page.locator('.submission', { hasText: title });
    await sent.getByRole('button', { name: 'Ask for another look' }).click();
    assert.deepEqual(await violations(page), []);
    await sent.getByLabel('What does the decision overlook?').fill('It is my own number.');
    await sent.locator('form button[type=submit]').click();
    await sent.getByText('somebody else will look at it').waitFor();
    await take(page, context, { title, id });
    const asked = page.locator('.case .notice');
    await asked.getByText('It is my own number.').waitFor();
    await asked.getByText('Advertising Ads.').waitFor();
    await page.locator('.history summary').click();
    await page.locator('.history li').first().waitFor();
    assert.deepEqual(await violations(page), []);
    await page.locator('#approve').click();
    await page.locator('.taken li', { hasText: title }).getByText('Approved:').waitFor();
    const { slug } = await stands(eve.token, id, 'published');
    await shown(slug);
    await page.goto(`/sessions/${slug}/`);
    assert.equal((await page.locator('h1').innerText()).trim(), title);
  });
});

test('what somebody else looks at is not decided, and said to be so', async (t) => {
  const { title, id } = await waiting('To be claimed');
  const mo = await member('ma', 'moderators');
  await ask(`/api/moderation/cases/${id}/claim`, { method: 'PUT', token: mo.token });
  await walk(t, DESK, async (page, context) => {
    await take(page, context, { title, id });
    const told = page.getByText('Somebody else looks at this one.');
    await told.waitFor();
    await page.locator('#approve').click();
    await page.locator('.picks button', { hasText: title }).waitFor({ state: 'detached' });
    // Sent after eight seconds, it is refused and the case is back.
    await page.locator('.picks button', { hasText: title }).waitFor();
    await told.waitFor();
    await stands(eve.token, id, 'in_review');
    await ask(`/api/moderation/cases/${id}/claim`, { method: 'DELETE', token: mo.token });
  });
});

test('a photo that was held is blurred until it is asked for', async (t) => {
  const title = `With a photo ${tag}`;
  const photo = await upload(eve.token, await readFile(FLAGGED_PHOTO), 'image/jpeg');
  const id = await send(eve.token, draft(title), [photo]);
  await stands(eve.token, id, 'in_review');
  await walk(t, DESK, async (page, context) => {
    await signIn(context, 'moderator');
    const asked = [];
    page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    await go(page, CONSOLE);
    await listed(page, title);
    await page.locator('.picks button', { hasText: title }).click();
    const image = page.locator('.held img');
    await image.waitFor();
    const width = () => image.evaluate((image) => image.naturalWidth);
    assert.ok((await width()) <= 32, 'a placeholder stands there');
    assert.ok(!asked.some((path) => path.includes('/photos/')), 'and the photo was not fetched');
    assert.deepEqual(await violations(page), []);
    await page.getByRole('button', { name: 'Show the photo' }).click();
    await page.getByAltText('The photo as it would be published').waitFor();
    await image.evaluate((image) => image.decode());
    assert.ok((await width()) > 32);
    await page.locator('#approve').click();
    const { slug } = await stands(eve.token, id, 'published');
    await shown(slug);
    await page.goto(`/sessions/${slug}/`);
    assert.equal(await page.locator('.photos img').count(), 1);
  });
});

test('what else its member sent is rejected with it', async (t) => {
  const sam = await member('sam');
  const sent = [];
  for (const name of ['One', 'Two', 'Three']) sent.push(await waiting(`${name} of Sam's`, sam));
  const [first, ...others] = sent;
  await walk(t, DESK, async (page, context) => {
    await take(page, context, first);
    for (const { title } of others) await listed(page, title);
    await page.locator('#reject').click();
    await page.locator('label', { hasText: 'the same member' }).getByText('2').waitFor();
    assert.deepEqual(await violations(page), []);
    await page.locator('#also').check();
    await page.locator('#rule').selectOption({ label: 'Advertising' });
    await page.getByRole('button', { name: 'Reject it' }).click();
    // One of them is thought better of.
    const kept = page.locator('.taken li', { hasText: others[1].title });
    await kept.getByRole('button', { name: 'Undo' }).click();
    for (const { title } of [first, others[0]]) {
      await page.locator('.taken li', { hasText: title }).getByText('Rejected:').waitFor();
    }
    for (const { id } of [first, others[0]]) await stands(sam.token, id, 'rejected');
    await stands(sam.token, others[1].id, 'in_review');
  });
});

test('put right and approved, it is public as it was put right', async (t) => {
  const { title, id } = await waiting('To be put right');
  await walk(t, DESK, async (page, context) => {
    await take(page, context, { title, id });
    await page.locator('#edit').click();
    assert.equal(await page.locator('#edit-title').inputValue(), title);
    await page.locator('#edit-description').fill('Tunes from nine.');
    assert.deepEqual(await violations(page), []);
    await page.getByRole('button', { name: 'Keep it so' }).click();
    await page.locator('.case .notice').getByText('Tunes from nine.').waitFor();
    await page.locator('#approve').click();
    const taken = page.locator('.taken li', { hasText: title });
    await taken.getByRole('button', { name: 'Send it now' }).click();
    await taken.getByText('Approved:').waitFor();
    const { slug } = await stands(eve.token, id, 'published');
    await shown(slug);
    await page.goto(`/sessions/${slug}/`);
    await page.getByText('Tunes from nine.').waitFor();
    assert.equal(await page.getByText(FLAGGED).count(), 0);
    const told = await mail(eve.email, `Published: ${title}`);
    assert.match(told.text.replaceAll(/\s+/g, ' '), /put something right: its description/);
  });
});

test('what is listed already is merged with one tap', async (t) => {
  const position = somewhere();
  const listed = `Tunes at the Bridge ${tag}`;
  const venue = { position };
  const first = await send(eve.token, draft(listed, { venue }));
  const { slug } = await stands(eve.token, first, 'published');
  const title = `Tunes at the Bridge again ${tag}`;
  const id = await send(eve.token, draft(title, { venue }));
  await stands(eve.token, id, 'in_review');
  await walk(t, DESK, async (page, context) => {
    await signIn(context, 'moderator');
    await go(page, `${CONSOLE}?case=${id}`);
    await page.locator('#case', { hasText: title }).waitFor();
    await page.locator(`.case a[href="/sessions/${slug}/"]`).waitFor();
    assert.deepEqual(await violations(page), []);
    await page.locator('#merge').click();
    const taken = page.locator('.taken li', { hasText: title });
    await taken.getByRole('button', { name: 'Send it now' }).click();
    await taken.getByText('Rejected:').waitFor();
    await stands(eve.token, id, 'rejected');
    const told = await mail(eve.email, `Not published: ${title}`);
    assert.ok(told.text.replaceAll(/\s+/g, ' ').includes(`It is "${listed}", which is listed.`), told.text);
  });
});

test('undone in time, nothing was decided', async (t) => {
  const { title, id } = await waiting('To be thought over');
  await walk(t, DESK, async (page, context) => {
    await take(page, context, { title, id });
    await page.locator('#approve').click();
    const taken = page.locator('.taken li', { hasText: title });
    await taken.getByRole('button', { name: 'Undo' }).click();
    await page.locator('.picks button', { hasText: title }).waitFor();
    await page.waitForTimeout(9_000);
    await stands(eve.token, id, 'in_review');
  });
});

test('the whole of it by keys', async (t) => {
  // Two that one can't tell apart by their titles are two all the same.
  await waiting('Twins');
  await waiting('Twins');
  const { title, id } = await waiting('To be decided by keys');
  await walk(t, DESK, async (page, context) => {
    await signIn(context, 'moderator');
    await go(page, CONSOLE);
    await listed(page, title);
    // Those alone that wait for the same reason.
    await page.locator('#filter-ground').selectOption({ label: 'a telephone number in the text' });
    await page.keyboard.press('Tab');
    const heading = page.locator('#case');
    const current = () =>
      page.locator('.picks button').evaluateAll((all) =>
        all.findIndex((one) => one.getAttribute('aria-current') === 'true'));
    for (let n = 0; n < 100 && !(await heading.innerText()).includes(title); n += 1) {
      const before = await current();
      await page.keyboard.press('j');
      await until('the next case', async () => (await current()) !== before);
      await page.locator('.case .grounds').waitFor();
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

// Last: it leaves a page of them waiting.
test('the queue is listed to its end, and each page of it is asked for once', async (t) => {
  const pat = await member('pat');
  const many = Array.from({ length: QUEUE_PAGE + 1 }, (_, n) => `Of many: ${n}`);
  const sent = [];
  while (many.length > 0) {
    sent.push(...await Promise.all(many.splice(0, 6).map((name) => waiting(name, pat))));
  }
  await walk(t, DESK, async (page, context) => {
    await signIn(context, 'moderator');
    let asked = 0;
    // So slowly answered that somebody presses again before there is an answer.
    await page.route((url) => url.pathname === QUEUE, async (route) => {
      asked += 1;
      await sleep(500);
      await route.continue();
    });
    const began = Date.now();
    await go(page, CONSOLE);
    const more = page.getByRole('button', { name: 'List more' });
    await more.waitFor();
    await until('the end of the queue', async () => {
      if (!(await more.isVisible())) return true;
      // It may be gone before it is pressed.
      await more.dblclick({ timeout: 1_000 }).catch(() => {});
      return false;
    });
    const picks = await page.locator('.picks button').allInnerTexts();
    for (const { title } of sent) assert.ok(picks.some((pick) => pick.includes(title)), title);
    const looks = 1 + Math.floor((Date.now() - began) / QUEUE_LOOK_MS);
    assert.ok(asked <= looks * Math.ceil(picks.length / QUEUE_PAGE), `asked ${asked} times`);
  });
});
