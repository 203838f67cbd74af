// node screenshots.mjs FOLDER: a picture of every page at three widths, by day
// and by night, and a sheet of all of them.
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { launch, note, settled } from './lib/browser.mjs';
import { visit } from './lib/people.mjs';
import { origin } from './lib/stack.mjs';
import { pages, sampled } from './pages.mjs';

/** A phone, a tablet held upright, a desk. */
const WIDTHS = [360, 768, 1280];
const HEIGHTS = { 360: 780, 768: 1024, 1280: 800 };
const SCHEMES = ['light', 'dark'];

const [out] = process.argv.slice(2);
if (!out) throw new Error('usage: node screenshots.mjs FOLDER');

const shown = [];
const trouble = [];
const all = pages(await sampled());
const running = await launch();
try {
  for (const colorScheme of SCHEMES) {
    for (const width of WIDTHS) {
      const context = await running.newContext({
        baseURL: origin,
        viewport: { width, height: HEIGHTS[width] },
        colorScheme,
        locale: 'en-IE',
        timezoneId: 'Europe/Dublin',
        // What moves would be at another place in every picture.
        reducedMotion: 'reduce',
        serviceWorkers: 'block',
      });
      const troubles = await note(context);
      const page = await context.newPage();
      for (const each of all) {
        const { name, href, language, status } = each;
        const answer = await visit(page, each);
        if (answer.status() !== status) trouble.push(`${href}: ${answer.status()}`);
        await settled(page, each);
        await page.evaluate(() => document.fonts.ready);
        // Down and up again, so that what is loaded late is there.
        await page.evaluate(async () => {
          for (const image of document.images) image.loading = 'eager';
          await Promise.all([...document.images].map((image) => image.decode().catch(() => {})));
        });
        const file = `${name}-${language}-${width}-${colorScheme}.png`;
        await mkdir(out, { recursive: true });
        await page.screenshot({ path: path.join(out, file), fullPage: true, animations: 'disabled' });
        shown.push({ name, href, language, width, colorScheme, file });
      }
      trouble.push(...troubles);
      await context.close();
    }
  }
} finally {
  await running.close();
}

const groups = new Map();
for (const one of shown) {
  const at = `${one.name} · ${one.language}`;
  groups.set(at, [...(groups.get(at) ?? []), one]);
}
const sections = [...groups].map(([name, pictures]) => `
<section><h2>${name} <small>${pictures[0].href}</small></h2><div>
${pictures.map(({ file, width, colorScheme }) => `<figure><a href="${file}"><img src="${file}" alt="${name} at ${width}, ${colorScheme}" width="${Math.round(width / 4)}" loading="lazy"></a><figcaption>${width} ${colorScheme}</figcaption></figure>`).join('\n')}
</div></section>`);
await writeFile(path.join(out, 'index.html'), `<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>Every page</title>
<style>body{font:14px/1.4 system-ui;margin:1rem;background:#eee}div{display:flex;gap:.75rem;align-items:flex-start;flex-wrap:wrap}figure{margin:0}img{border:1px solid #bbb;display:block}small{color:#666;font-weight:400}</style>
<h1>${shown.length} pictures of ${groups.size} pages</h1>${sections.join('')}</html>\n`);
console.log(`${shown.length} pictures of ${groups.size} pages: ${path.join(out, 'index.html')}`);
for (const line of trouble) console.log(`trouble: ${line}`);
process.exitCode = trouble.length > 0 ? 1 : 0;
