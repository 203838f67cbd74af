// What the worker keeps, and what it answers when nothing else does. Run by
// `node --test`, which any Node of the last years has.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import vm from 'node:vm';

const ORIGIN = 'https://seisiun.example';
const SHELL = ['/.perseus/boot.js', '/assets/site.css', '/offline/', '/ga/offline/'];
const source = await readFile(new URL('../browser/worker.js', import.meta.url), 'utf8');

/** The part of the cache interface that the worker uses. */
class Store {
  entries = new Map();
  #key(key) {
    return new URL(typeof key === 'string' ? key : key.url, ORIGIN).href;
  }
  async match(key) {
    return this.entries.get(this.#key(key))?.clone();
  }
  async put(key, response) {
    this.entries.set(this.#key(key), response);
  }
  async delete(key) {
    return this.entries.delete(this.#key(key));
  }
  async keys() {
    return [...this.entries.keys()].map((url) => ({ url }));
  }
  async addAll(requests) {
    for (const request of requests) await this.put(request, await this.fetch(request));
  }
}

/** A worker on a network that can be taken away, with its stores. */
function start(network, { patience = 3_000 } = {}) {
  const stores = new Map();
  const listeners = {};
  const asked = [];
  const context = {
    URL, URLSearchParams, Response, Headers, Intl, Date, Promise, console,
    navigator: {},
    VERSION: 'test',
    SHELL,
    setTimeout: (done, ms) => setTimeout(done, ms === 3_000 ? patience : ms),
    Request: class {
      constructor(path) {
        this.url = new URL(path, ORIGIN).href;
      }
    },
    fetch: async (request) => {
      const url = new URL(typeof request === 'string' ? request : request.url, ORIGIN);
      asked.push(url.pathname + url.search);
      return network(url);
    },
    caches: {
      open: async (name) => {
        if (!stores.has(name)) {
          const store = new Store();
          store.fetch = context.fetch;
          stores.set(name, store);
        }
        return stores.get(name);
      },
      keys: async () => [...stores.keys()],
      delete: async (name) => stores.delete(name),
    },
    self: {
      location: { origin: ORIGIN },
      clients: { claim: async () => {}, get: async () => undefined },
      skipWaiting: async () => {},
      addEventListener: (name, listener) => { listeners[name] = listener; },
    },
  };
  vm.runInNewContext(source, context);
  const send = async (name, event) => {
    const waits = [];
    let answer;
    listeners[name]({
      waitUntil: (promise) => waits.push(promise),
      respondWith: (promise) => { answer = promise; },
      ...event,
    });
    const response = await answer;
    // What is begun by what is waited for is waited for, too.
    for (let n = 0; n < waits.length; n += 1) await waits[n].catch(() => undefined);
    return response;
  };
  const get = (path, { mode = 'cors', headers = {}, method = 'GET' } = {}) => send('fetch', {
    request: { url: new URL(path, ORIGIN).href, mode, method, headers: new Headers(headers) },
  });
  const visit = (path) => get(path, { mode: 'navigate' });
  return { get, visit, send, stores, asked, in: (name) => stores.get(name)?.entries.size ?? 0 };
}

const page = (title, state = '{"path":""}') => new Response(
  `<title>${title}</title><meta itemprop="__perseus_head_boundary" content=""><title>${title}</title>`
  + '<meta itemprop="__perseus_head_end" content=""><p>Here.</p>'
  + `<script type="application/json" id="perseus-state">${state}</script>`,
  { headers: { 'content-type': 'text/html' } },
);

const json = (value) => new Response(JSON.stringify(value));

/** A network that can be taken away. */
function site(answers) {
  const state = { up: true };
  const network = async (url) => {
    if (!state.up) throw new TypeError('no signal');
    const answer = answers[url.pathname + url.search] ?? answers[url.pathname];
    return answer ? answer() : new Response('none', { status: 404 });
  };
  return { state, network };
}

const session = (slug, starts_at, more = {}) => ({
  slug, title: slug, venue: 'Tigh Mháire', town: 'Spiddal', county: 'Galway', country: 'IE',
  position: { lat: 53.27, lon: -9.05 }, freshness: 'fresh',
  next: { starts_at, zone: 'Europe/Dublin', duration_minutes: 150, standing: 'as_usual', reason: '' },
  ...more,
});

/** This evening in Dublin, or some days later, as the API has it. */
function evening(days = 0) {
  const day = new Intl.DateTimeFormat('sv', { timeZone: 'Europe/Dublin' })
    .format(Date.now() + days * 86_400_000);
  const summer = new Intl.DateTimeFormat('en', { timeZone: 'Europe/Dublin', timeZoneName: 'longOffset' })
    .format(new Date(`${day}T12:00:00Z`)).includes('+01:00');
  return `${day}T23:30:00${summer ? '+01:00' : '+00:00'}`;
}

test('pages that were looked at can be read without signal, others not', async () => {
  const { state, network } = site({
    '/': () => page('Home'), '/sessions/x/': () => page('X'), '/offline/': () => page('Offline'),
    '/ga/offline/': () => page('As líne'), '/.perseus/boot.js': () => json(1), '/assets/site.css': () => json(1),
  });
  const worker = start(network);
  await worker.send('install', {});
  await worker.send('activate', {});
  await worker.visit('/');
  await worker.visit('/sessions/x/?from=mail');
  state.up = false;
  assert.match(await (await worker.visit('/')).text(), /Home/);
  assert.match(await (await worker.visit('/sessions/x/')).text(), /X/);
  assert.match(await (await worker.visit('/sessions/y/')).text(), /Offline/);
  assert.match(await (await worker.visit('/ga/sessions/y/')).text(), /As líne/);
  assert.equal(await (await worker.get('/assets/site.css')).text(), '1');
});

test('a weak signal shows what is stored, and stores what comes late', async () => {
  let answer = () => page('Old');
  const worker = start(async () => answer(), { patience: 5 });
  await worker.visit('/');
  answer = () => new Promise((done) => { setTimeout(() => done(page('New')), 40); });
  assert.match(await (await worker.visit('/')).text(), /Old/);
  answer = async () => { throw new TypeError('no signal'); };
  assert.match(await (await worker.visit('/')).text(), /New/);
});

test('nothing of a member is kept, and nothing beside the site', async () => {
  const worker = start(async () => json({ sessions: [] }));
  const refused = [
    ['/api/sessions?county=clare', { headers: { authorization: 'Bearer x' } }],
    ['/api/me', {}], ['/api/submissions/1', {}], ['/api/auth/refresh', { method: 'POST' }],
    ['/api/sessions', { method: 'POST' }], ['/photos/a.jpg', {}], ['https://other.example/', { mode: 'navigate' }],
    ['/api/docs', { mode: 'navigate' }],
  ];
  for (const [path, how] of refused) {
    assert.equal(await worker.get(path, how), undefined, path);
  }
  assert.deepEqual(worker.asked, []);
  const answers = [
    new Response('x', { headers: { 'cache-control': 'no-store' } }),
    new Response('x', { headers: { 'cache-control': 'private, max-age=5' } }),
    new Response('x', { status: 500 }), new Response('x'.repeat(1_000_001)),
  ];
  for (const answer of answers) {
    const careful = start(async () => answer.clone());
    await careful.visit('/');
    assert.equal(careful.in('seisiun-pages-1'), 0);
  }
});

test('what starts members\' pages is kept once it was needed', async () => {
  const { state, network } = site({ '/.perseus/members.js': () => json('boot') });
  const worker = start(network);
  await worker.get('/.perseus/members.js');
  state.up = false;
  assert.equal(await (await worker.get('/.perseus/members.js')).json(), 'boot');
});

test('a page that is gone is forgotten', async () => {
  let answer = () => page('X');
  const worker = start(async () => answer());
  await worker.visit('/sessions/x/');
  answer = () => new Response('gone', { status: 410 });
  assert.equal((await worker.visit('/sessions/x/')).status, 410);
  assert.equal(worker.in('seisiun-pages-1'), 0);
});

test('no more pages are kept than may be, the latest ones', async () => {
  const worker = start(async (url) => page(url.pathname));
  for (let n = 0; n < 90; n += 1) await worker.visit(`/sessions/${n}/`);
  await worker.visit('/sessions/15/');
  const kept = [...worker.stores.get('seisiun-pages-1').entries.keys()];
  assert.equal(kept.length, 80);
  assert.ok(kept.at(-1).endsWith('/15/') && kept[0].endsWith('/10/'));
});

test('programs are taken from the store, and those of earlier releases removed', async () => {
  const { network } = site({ '/.perseus/site.0123456789abcdef.wasm': () => json('program') });
  const worker = start(network);
  worker.stores.set('seisiun-shell-earlier', new Store());
  worker.stores.set('of-somebody-else', new Store());
  await worker.send('activate', {});
  await worker.get('/.perseus/site.0123456789abcdef.wasm');
  await worker.get('/.perseus/site.0123456789abcdef.wasm');
  assert.equal(worker.asked.length, 1);
  assert.deepEqual([...worker.stores.keys()].sort(), ['of-somebody-else', 'seisiun-shell-test']);
});

test('an open tab goes on to a page that is stored', async () => {
  const { state, network } = site({
    '/.perseus/page/xx-XX/sessions/x.json': () => json({ state: { a: 1 }, head: '' }),
    '/sessions/x/': () => page('X', '{"path":"x"}'), '/': () => page('Home', '{"path":""}'),
    '/.perseus/page/xx-XX/.json': () => json({}),
    '/offline/': () => page('Offline', '{"path":"offline"}'), '/ga/offline/': () => page('As líne'),
    '/.perseus/boot.js': () => json(1), '/assets/site.css': () => json(1),
  });
  const worker = start(network);
  await worker.send('install', {});
  await worker.get('/.perseus/page/xx-XX/sessions/x.json?entity_name=');
  await worker.get('/.perseus/page/xx-XX/.json');
  state.up = false;
  const asks = async (path) => (await worker.get(`/.perseus/page/xx-XX/${path}`)).json();
  assert.deepEqual(await asks('sessions/x.json?entity_name='), { state: { path: 'x' }, head: '<title>X</title>' });
  assert.deepEqual((await asks('.json')).state, { path: '' });
  assert.deepEqual((await asks('sessions/y.json')).state, { path: 'offline' });
  assert.match(await (await worker.visit('/sessions/x/')).text(), /X/);
});

test('tonight is answered of what was asked before, and of the calendar', async () => {
  const compact = (at) => at.slice(0, 19).replaceAll(/[-:]/g, '');
  const event = (slug, at, more = '') => 'BEGIN:VEVENT\r\nDTSTART;TZID=Europe/Dublin:'
    + `${compact(at)}\r\nDURATION:PT90M\r\n${more}URL:${ORIGIN}/sessions/${slug.slice(0, 3)}\r\n ${slug.slice(3)}\r\nEND:VEVENT\r\n`;
  const place = 'country=IE&county=galway';
  const { state, network } = site({
    [`/api/sessions?${place}`]: () => json({
      sessions: [
        session('tonight', evening()), session('later', evening(3)),
        session('past', '2020-01-01T21:00:00+00:00'), session('both-days', evening(2)),
        session('called-off', evening(0), { next: { ...session('', evening()).next, standing: 'cancelled' } }),
        session('elsewhere', evening(), { county: 'Co. Clare' }),
      ],
    }),
    '/feeds/counties/ie/galway.ics': () => new Response(
      `BEGIN:VCALENDAR\r\n${event('both-days', evening())}${event('later', evening(0), 'STATUS:CANCELLED\r\n')}END:VCALENDAR\r\n`,
    ),
  });
  const worker = start(network);
  await worker.get(`/api/sessions?${place}`);
  state.up = false;
  const slugs = async (query) => (await (await worker.get(`/api/sessions?${query}`)).json()).sessions.map((one) => one.slug);
  assert.deepEqual(await slugs(`${place}&when=tonight`), ['both-days', 'tonight']);
  assert.deepEqual((await slugs(`county=galway&country=IE`)).length, 6);
  assert.deepEqual(await slugs(`${place}&when=tonight&q=BOTH`), ['both-days']);
  assert.deepEqual(await slugs(`${place}&q=mhaire+later`), ['later']);
  assert.equal((await slugs(`${place}&town=spiddal`)).length, 5);
  assert.deepEqual(await slugs(`${place}&town=clifden`), []);
  await assert.rejects(worker.get(`/api/sessions?${place}&format=slow`), /no signal/);
  assert.deepEqual(await slugs('lat=53.27&lon=-9.05&radius_km=40&when=tonight'), ['both-days', 'elsewhere', 'tonight']);
  assert.deepEqual(await slugs('lat=52&lon=-9.05&radius_km=40&when=tonight'), []);
  // Of a county that was never asked about, nothing is known.
  await assert.rejects(worker.get('/api/sessions?country=IE&county=cork&when=tonight'), /no signal/);
});

test('where somebody stood is not kept', async () => {
  const { network } = site({ '/api/sessions': () => json({ sessions: [{ ...session('x', evening()), distance_km: 1.25 }] }) });
  const worker = start(network);
  await worker.get('/api/sessions?lat=53.271&lon=-9.053&radius_km=40');
  const lists = worker.stores.get('seisiun-lists-1').entries;
  assert.deepEqual([...lists.keys()], [`${ORIGIN}/api/sessions?near`]);
  assert.doesNotMatch(await [...lists.values()][0].text(), /distance_km/);
});
