// What somebody types and picks outlasts a lost signal, and the page itself.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { browser, go } from '../lib/browser.mjs';
import { enter } from '../lib/people.mjs';
import { member, tag } from '../lib/stack.mjs';

const walk = browser();

const TITLE = `Begun in a cellar ${tag}`;
const PHOTO = fileURLToPath(
  new URL('../../../workflows/photo/tests/fixtures/clean-coffee.jpg', import.meta.url),
);
/** What a page says of its requests that nobody answers. */
const UNANSWERED = /ERR_INTERNET_DISCONNECTED|Failed to fetch/;

test('a draft and its photo go on where the signal was lost', (t) =>
  walk(t, { troubles: UNANSWERED }, async (page, context) => {
    const { email } = await member('nora');
    await enter(context, email);
    await go(page, '/submit/');
    await page.getByLabel('What it is called').fill(TITLE);
    const photo = page.locator('.picked li');

    await context.setOffline(true);
    await page.getByLabel('Add photos').setInputFiles(PHOTO);
    await photo.getByText('No connection. It goes on when you are back.').waitFor();

    // The page is left without a signal, and opened again with one.
    await page.goto('about:blank');
    await context.setOffline(false);
    await go(page, '/submit/');
    await photo.getByText('Uploaded.').waitFor();
    assert.equal(await page.getByLabel('What it is called').inputValue(), TITLE);
    assert.equal(await photo.count(), 1);
  }));
