// The same sessions as pages of a site by Nuxt: one page each, every one
// prerendered, with the state that a browser takes over. BENCH_DATA is the folder
// with the sessions, BENCH_OUT where the site goes.
import { readFileSync } from 'node:fs';

const { BENCH_DATA: data, BENCH_OUT: out } = process.env;
const slugs = readFileSync(`${data}/slugs.txt`, 'utf8').split('\n').filter(Boolean);

export default defineNuxtConfig({
  compatibilityDate: '2026-01-01',
  telemetry: false,
  devtools: { enabled: false },
  css: ['~/assets/site.css'],
  app: { head: { htmlAttrs: { lang: 'en' } } },
  nitro: {
    output: { dir: out, publicDir: `${out}/public` },
    prerender: {
      crawlLinks: false,
      routes: slugs.map((slug) => `/sessions/${slug}`),
      // As many at once as there are cores to do them.
      concurrency: 2,
    },
  },
});
