// node mails.mjs FOLDER: a picture of every sample mail that stands in the folder,
// by day and by night and on a phone, and a page that shows them side by side with
// their texts. A mail that asks for anything, or is wider than its screen, is told.
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

import { launch } from './lib/launch.mjs';

/** As wide as a mail is read at a desk, by day and by night, and on a phone. */
const VIEWS = [
  { name: 'light', width: 600, colorScheme: 'light' },
  { name: 'dark', width: 600, colorScheme: 'dark' },
  { name: 'phone', width: 360, colorScheme: 'light' },
];

/** Less than any mail: a picture is as high as what it shows. */
const HEIGHT = 200;

const [out] = process.argv.slice(2);
if (!out) throw new Error('usage: node mails.mjs FOLDER');

const mails = JSON.parse(await readFile(path.join(out, 'mails.json'), 'utf8'));
const trouble = [];
const running = await launch();
try {
  for (const { name, width, colorScheme } of VIEWS) {
    const context = await running.newContext({
      viewport: { width, height: HEIGHT },
      colorScheme,
      locale: 'en-IE',
      // As mailboxes show it: no script, and nothing from elsewhere.
      javaScriptEnabled: false,
    });
    const page = await context.newPage();
    for (const { file } of mails) {
      const href = pathToFileURL(path.resolve(out, `${file}.html`)).href;
      await page.route('**', (route) => {
        const asked = route.request().url();
        if (asked === href) return route.continue();
        trouble.push(`${file} asks for ${asked}`);
        return route.abort();
      });
      await page.goto(href);
      await page.unroute('**');
      const box = await page.locator('.page').boundingBox();
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      if (wide > width || box.width > 600) trouble.push(`${file} is ${wide} wide, ${name}`);
      const picture = path.join(out, `${file}-${name}.png`);
      await page.screenshot({ path: picture, fullPage: true, animations: 'disabled' });
    }
    await context.close();
    console.log(`${name}: ${mails.length} pictures, ${width} wide`);
  }
} finally {
  await running.close();
}

const escaped = (text) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
const sections = await Promise.all(
  mails.map(async ({ name, language, file, subject }) => {
    const text = await readFile(path.join(out, `${file}.txt`), 'utf8');
    const figures = VIEWS.map(
      (view) =>
        `<figure><a href="${file}-${view.name}.png"><img src="${file}-${view.name}.png" alt="${name}, ${view.name}" width="${view.width * 0.6}" loading="lazy"></a><figcaption>${view.width} ${view.colorScheme}</figcaption></figure>`,
    );
    return `
<section id="${file}"><h2>${escaped(subject)} <small>${name} · ${language} · <a href="${file}.html">html</a> · <a href="${file}.eml">message</a></small></h2>
<div>${figures.join('\n')}
<pre lang="${language}">${escaped(text)}</pre></div></section>`;
  }),
);
await writeFile(
  path.join(out, 'index.html'),
  `<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>Every mail</title>
<style>body{font:14px/1.4 system-ui;margin:1rem;background:#e4e4e4}div{display:flex;gap:.75rem;align-items:flex-start;flex-wrap:wrap}figure{margin:0}img{border:1px solid #bbb;display:block}pre{margin:0;padding:1rem;background:#fff;font-size:12px;white-space:pre-wrap;max-width:76ch}small{color:#555;font-weight:400}</style>
<h1>${mails.length} mails</h1>${sections.join('')}</html>\n`,
);
console.log(`${mails.length * VIEWS.length} pictures of ${mails.length} mails: ${path.join(out, 'index.html')}`);
for (const line of trouble) console.log(`trouble: ${line}`);
process.exitCode = trouble.length > 0 ? 1 : 0;
