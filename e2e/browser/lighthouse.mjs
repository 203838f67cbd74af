// node lighthouse.mjs FOLDER: Lighthouse's marks, as on a phone, of the pages that
// most people come to first; and whether they are what we have promised.
import { writeFile } from 'node:fs/promises';
import path from 'node:path';

import { FLAGS } from './lib/launch.mjs';
import { load } from './lib/packages.mjs';
import { origin } from './lib/stack.mjs';
import { COUNTY, sampled } from './pages.mjs';

/** Marks out of a hundred, at least. */
const MARKS = { performance: 95, accessibility: 100, 'best-practices': 100, seo: 100 };
/** Milliseconds until the largest thing is there, at most; how much may shift. */
const LCP_MS = 1_800;
const CLS = 0.02;
/** Bytes over the network before anybody does anything; of them WebAssembly. */
const BYTES = 260_000;
const WASM_BYTES = 160_000;
/** Each page is measured this often, and its middle run told: the machine does
 * other things beside. */
const RUNS = 3;

const [out] = process.argv.slice(2);
if (!out) throw new Error('usage: node lighthouse.mjs FOLDER');

const { default: lighthouse } = await load('lighthouse');
const { launch } = await load('chrome-launcher');
const chrome = await launch({
  chromePath: process.env.SEISIUN_CHROMIUM,
  chromeFlags: ['--headless', ...FLAGS],
  logLevel: 'error',
});

const kilobytes = (bytes) => (bytes / 1000).toFixed(1).padStart(7);
let well = true;

/** A page's marks, once. */
async function measure(href) {
  const { lhr, report } = await lighthouse(
    `${origin}${href}`,
    { port: chrome.port, output: 'html', logLevel: 'error', onlyCategories: Object.keys(MARKS) },
  );
  if (lhr.runtimeError) throw new Error(`${href}: ${lhr.runtimeError.message}`);
  return { lhr, report };
}

/** Bytes that a file is sent with, without its headers. */
async function length(url) {
  const answer = await fetch(url, { method: 'HEAD', headers: { 'accept-encoding': 'br' } });
  const bytes = Number(answer.headers.get('content-length'));
  if (!bytes) throw new Error(`${url} does not say how long it is`);
  return bytes;
}

/** A page's middle run by performance, and by LCP where they are alike. */
async function middle(href) {
  const runs = [];
  for (let n = 0; n < RUNS; n += 1) runs.push(await measure(href));
  const by = ({ lhr }) => lhr.categories.performance.score * 1e6 - lhr.audits['largest-contentful-paint'].numericValue;
  return runs.sort((a, b) => by(a) - by(b))[Math.floor(RUNS / 2)];
}

try {
  const session = `/sessions/${(await sampled()).session}/`;
  for (const [name, href] of [['home', '/'], ['county', COUNTY.path], ['session', session]]) {
    const { lhr, report } = await middle(href);
    await writeFile(path.join(out, `${name}.html`), report);
    await writeFile(path.join(out, `${name}.json`), JSON.stringify(lhr));
    const requests = lhr.audits['network-requests'].details.items;
    const bytes = requests.reduce((sum, { transferSize }) => sum + transferSize, 0);
    let wasm = 0;
    for (const { url } of requests.filter(({ url }) => url.endsWith('.wasm'))) wasm += await length(url);
    const lcp = lhr.audits['largest-contentful-paint'].numericValue;
    const cls = lhr.audits['cumulative-layout-shift'].numericValue;
    const held = [
      ...Object.entries(MARKS).map(([id, least]) => {
        const mark = Math.round(lhr.categories[id].score * 100);
        return [id, String(mark).padStart(7), `≥ ${least}`, mark >= least];
      }),
      ['LCP, s', (lcp / 1000).toFixed(2).padStart(7), `≤ ${LCP_MS / 1000}`, lcp <= LCP_MS],
      ['CLS', cls.toFixed(3).padStart(7), `≤ ${CLS}`, cls <= CLS],
      ['all, kB', kilobytes(bytes), `≤ ${BYTES / 1000}`, bytes <= BYTES],
      ['wasm, kB', kilobytes(wasm), `≤ ${WASM_BYTES / 1000}`, wasm <= WASM_BYTES],
    ];
    console.log(`\n${name}: ${href}`);
    for (const [what, figure, goal, kept] of held) {
      console.log(`  ${what.padEnd(16)}${figure}   ${goal}${kept ? '' : '  MISSED'}`);
      well &&= kept;
    }
    // What took a mark away, to be mended.
    for (const { auditRefs, score, id } of Object.values(lhr.categories)) {
      if (score === 1) continue;
      for (const { id: audit, weight } of auditRefs) {
        const { title, score: of, displayValue, details } = lhr.audits[audit];
        if (of === null || of === 1 || weight === 0) continue;
        console.log(`    ${id}: ${title} ${displayValue ?? ''} (${of})`);
        for (const { node, url, description } of details?.items?.slice(0, 3) ?? []) {
          const shown = node?.snippet ?? url ?? description;
          if (shown) console.log(`      ${shown}`);
        }
      }
    }
  }
} finally {
  chrome.kill();
}
process.exitCode = well ? 0 : 1;
