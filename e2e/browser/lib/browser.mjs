// A browser that keeps note of what goes wrong in its pages, and of how a test
// that fails came to it.
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { after, before } from 'node:test';

import { launch } from './launch.mjs';
import { origin } from './stack.mjs';

/** Longest that a page may take over one thing that is asked of it. */
const PATIENCE_MS = 30_000;

/** Times that a test is walked before it has failed. On a machine that does much
 * else, a browser loses a race now and then that no visitor would; each failure is
 * told, and leaves its picture and its trace. */
const WALKS = 2;

/** A phone of today, held upright. */
export const PHONE = { width: 360, height: 780 };

/** Where pictures and traces of what failed are kept. */
const remains = process.env.SEISIUN_BROWSER_REMAINS ?? '.local/test/browser';

export { launch } from './launch.mjs';

/** Notes what a page says on its console, throws, and refuses by its policy. */
export async function note(context) {
  const troubles = [];
  context.on('console', (message) => {
    if (!['error', 'warning'].includes(message.type())) return;
    // That most tests' browsers take no worker is our doing.
    if (message.text().startsWith('Service Worker registration blocked by Playwright')) return;
    // That something was not found, a test sees by itself.
    if (/^Failed to load resource: .* (40[0-9]|410|429|503) /.test(message.text())) return;
    troubles.push(`${message.type()}: ${message.text()} (${message.location().url})`);
  });
  context.on('weberror', (error) => troubles.push(`thrown: ${error.error().stack}`));
  context.on('dialog', (dialog) => {
    troubles.push(`a dialog was opened: ${dialog.message()}`);
    return dialog.dismiss();
  });
  await context.exposeFunction('__refused', (text) => void troubles.push(`refused: ${text}`));
  await context.addInitScript(() => {
    addEventListener('securitypolicyviolation', (event) => {
      window.__refused(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
    });
  });
  return troubles;
}

/** Starts a browser for the tests of a file, and ends it after them. `walk(t,
 * options, steps)` gives each test a context of its own. */
export function browser() {
  let running;
  before(async () => {
    running = await launch();
  });
  after(() => running?.close());

  return async function walk(t, options, steps) {
    for (let left = WALKS - 1; ; left -= 1) {
      try {
        return await once(running, t, options, steps);
      } catch (error) {
        if (left === 0) throw error;
        t.diagnostic(`walked again after: ${error.message.split('\n').slice(0, 6).join(' | ')}`);
      }
    }
  };
}

/** Walks a test; one that fails leaves its pages' pictures and its trace. */
async function once(running, t, options, steps) {
  const { script = true, troubles: tolerated, ...rest } = options;
  const context = await running.newContext({
    baseURL: origin,
    viewport: PHONE,
    locale: 'en-IE',
    timezoneId: 'Europe/Dublin',
    javaScriptEnabled: script,
    serviceWorkers: 'block',
    ...rest,
  });
  context.setDefaultTimeout(PATIENCE_MS);
  const troubles = script ? await note(context) : [];
  await context.tracing.start({ screenshots: true, snapshots: true });
  const page = await context.newPage();
  try {
    await steps(page, context);
    const left = troubles.filter((trouble) => !tolerated?.test(trouble));
    if (left.length > 0) throw new Error(`in its pages:\n  ${left.join('\n  ')}`);
    await context.tracing.stop();
  } catch (error) {
    const name = `${t.name.replaceAll(/[^A-Za-z0-9]+/g, '-').slice(0, 80)}`;
    mkdirSync(remains, { recursive: true });
    for (const [n, open] of context.pages().entries()) {
      const file = path.join(remains, `${name}${n ? `-${n}` : ''}.png`);
      await open.screenshot({ path: file, fullPage: true }).catch(() => {});
      t.diagnostic(`${open.url()}: ${file}`);
    }
    await context.tracing.stop({ path: path.join(remains, `${name}.zip`) }).catch(() => {});
    throw error;
  } finally {
    await context.close();
  }
}

/** Goes to a page and waits until it is alive: its program has taken over. */
export async function go(page, href) {
  const answer = await page.goto(href);
  await alive(page);
  return answer;
}

/** Waits until the page's program has taken it over: in the one step in which it
 * does, Perseus appends what announces the next page. A page of prose has no
 * program, and is alive as soon as it is there. */
export const alive = (page) =>
  page
    .locator('#__perseus_route_announcer, script[src="/.perseus/plain.js"]')
    .first()
    .waitFor({ state: 'attached' });

/** Waits until a page is alive and has what it asks for at first: `ready` of the
 * list of pages, where the network says too little. */
export async function settled(page, { ready } = {}) {
  await alive(page);
  if (ready) await page.locator(ready).first().waitFor();
  await page.waitForLoadState('networkidle');
}

/** Waits until the program has drawn the page that a link of the open one led to. */
export const drawn = (page, title) =>
  page.waitForFunction((title) => document.title.includes(title), title);
