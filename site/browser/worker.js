// What a browser keeps of the site, for when there is little signal or none:
// served as /sw.js, after two lines that the exporter writes: VERSION, the hash
// of all that the site loads, and SHELL, the paths of what every page needs.
//
// Pages and lists are asked for first; who waits longer than PATIENCE_MS gets
// what is stored, and the answer is stored when it comes. What is named after
// its content is taken from the store. Nothing is kept that a member's token or
// cookie had a part in, and no place where somebody stood.

const SHELL_CACHE = `seisiun-shell-${VERSION}`;
const PAGES_CACHE = 'seisiun-pages-1';
const LISTS_CACHE = 'seisiun-lists-1';
const MAP_CACHE = 'seisiun-map-1';

// One bar of signal: about as long as anybody looks at nothing.
const PATIENCE_MS = 3_000;
// Documents, the latest looked at: a megabyte or two.
const PAGES_MAX = 80;
// Answers of the search, published lists and calendars.
const LISTS_MAX = 80;
// The library of the map and its base, in two releases.
const MAP_MAX = 12;
// Bytes of one answer. What is larger is not for a phone.
const ANSWER_BYTES_MAX = 1_000_000;
// A county's calendar holds the dates of ninety days: once in twelve hours is
// often.
const CALENDAR_AGE_MS = 12 * 3_600_000;
// Where the search's answer for a place by position is kept: without the place.
const NEAR_KEY = '/api/sessions?near';

const STORED_AT = 'x-seisiun-stored-at';

self.addEventListener('install', (event) => {
  event.waitUntil((async () => {
    const shell = await caches.open(SHELL_CACHE);
    await shell.addAll(SHELL.map((path) => new Request(path, { cache: 'no-cache' })));
    await self.skipWaiting();
  })());
});

self.addEventListener('activate', (event) => {
  event.waitUntil((async () => {
    const current = [SHELL_CACHE, PAGES_CACHE, LISTS_CACHE, MAP_CACHE];
    const names = await caches.keys();
    const old = names.filter((name) => name.startsWith('seisiun-') && !current.includes(name));
    await Promise.all(old.map((name) => caches.delete(name)));
    await self.clients.claim();
  })());
});

self.addEventListener('fetch', (event) => {
  const answer = answerTo(event);
  if (answer) event.respondWith(answer);
});

self.addEventListener('message', (event) => {
  const { keep, asks } = event.data ?? {};
  // The page that was there before its worker was.
  if (keep) event.waitUntil(keepPage(new URL(keep, self.location.origin)));
  if (asks && told.has(event.source?.id)) {
    event.source.postMessage({ stored: told.get(event.source.id) });
  }
});

// ---- what is answered, and from where

/** What a request is for; nothing if it is none of the worker's business. */
function kindOf(request, url) {
  if (request.method !== 'GET' || url.origin !== self.location.origin) return undefined;
  if (request.headers.has('authorization') || request.headers.has('range')) return undefined;
  const { pathname } = url;
  if (pathname === '/api/sessions') return 'search';
  if (/^\/(api|_local|photos|feeds|sitemaps|previews)(\/|$)/.test(pathname)) return undefined;
  if (/^\/data\/.+\.[0-9a-f]{16}\.json$/.test(pathname)) return 'list-file';
  if (/^\/data\/.+\.json$/.test(pathname)) return 'list';
  if (pathname.startsWith('/.perseus/page/')) return 'state';
  if (/^\/\.perseus\/[a-z]+\.[0-9a-f]{16}\.(js|wasm)$/.test(pathname)) return 'program';
  if (/^\/assets\/(map|maplibre)/.test(pathname)) return 'map';
  // Of members' pages what starts them, too, once one was looked at.
  if (/^\/\.perseus\/[a-z]+\.js$/.test(pathname)) return 'shell';
  if (SHELL.includes(pathname) && !pathname.endsWith('/')) return 'shell';
  if (request.mode === 'navigate') return 'page';
  return undefined;
}

function answerTo(event) {
  const url = new URL(event.request.url);
  switch (kindOf(event.request, url)) {
    case 'search':
      return askFirst(event, () => storedSearch(url), (response) => keepSearch(url, response));
    case 'list':
      return askFirst(event, () => stored(LISTS_CACHE, url.pathname),
        (response) => keep(LISTS_CACHE, url.pathname, response, LISTS_MAX));
    case 'list-file':
      return storeFirst(event, LISTS_CACHE, LISTS_MAX);
    case 'program':
      return storeFirst(event, SHELL_CACHE, SHELL.length + 6);
    case 'map':
      return /\d/.test(url.pathname)
        ? storeFirst(event, MAP_CACHE, MAP_MAX)
        : askFirst(event, () => stored(MAP_CACHE, url.pathname),
          (response) => keep(MAP_CACHE, url.pathname, response, MAP_MAX));
    case 'shell':
      return askFirst(event, () => stored(SHELL_CACHE, url.pathname),
        (response) => keep(SHELL_CACHE, url.pathname, response, SHELL.length + 6));
    case 'state':
      // What a tab that is open goes on to. Its document is kept with it, so
      // that it is there when the tab is loaded again.
      return askFirst(event, () => storedState(url), async (response) => {
        if (response.ok) await keepPage(new URL(pageOfState(url.pathname), url.origin));
      }, () => stateOf(SHELL_CACHE, offlinePath(pageOfState(url.pathname))));
    case 'page':
      // A query is asked of the page's program: the document is the same.
      return askFirst(event, () => stored(PAGES_CACHE, url.pathname),
        (response) => keep(PAGES_CACHE, url.pathname, response, PAGES_MAX),
        () => stored(SHELL_CACHE, offlinePath(url.pathname)));
    default:
      return undefined;
  }
}

/**
 * Asks the network; after PATIENCE_MS, or where it fails, takes what is stored,
 * and where there is none, the last resort. What the network answers is stored
 * even when it comes too late.
 */
async function askFirst(event, findStored, store, lastResort = async () => undefined) {
  const asked = fetch(event.request).then((response) => {
    const copy = response.clone();
    event.waitUntil(store(copy).catch(() => undefined));
    return response;
  });
  event.waitUntil(asked.catch(() => undefined));
  // A server in trouble is like none.
  const good = asked.then((response) => (response.status < 500 ? response : undefined), () => undefined);
  const soon = await Promise.race([good, sleep(PATIENCE_MS)]);
  if (soon) return soon;
  const found = await findStored();
  if (found) {
    if (SHOWN.includes(kindOf(event.request, new URL(event.request.url)))) tell(event, found);
    return found;
  }
  const late = await good;
  return late ?? (await lastResort()) ?? asked;
}

async function storeFirst(event, cacheName, max) {
  const { pathname } = new URL(event.request.url);
  const found = await stored(cacheName, pathname);
  if (found) return found;
  const response = await fetch(event.request);
  event.waitUntil(keep(cacheName, pathname, response.clone(), max));
  return response;
}

const sleep = (ms) => new Promise((done) => { setTimeout(done, ms); });

// ---- the store

async function stored(cacheName, key) {
  const cache = await caches.open(cacheName);
  return cache.match(key);
}

/** Stores an answer if it is one that may be, the latest last, and no more than `max`. */
async function keep(cacheName, key, response, max) {
  const cache = await caches.open(cacheName);
  if (response.status === 404 || response.status === 410) {
    await cache.delete(key);
    return;
  }
  const control = response.headers.get('cache-control') ?? '';
  if (response.status !== 200 || !['basic', 'default'].includes(response.type) || response.redirected) return;
  if (/no-store|private/.test(control)) return;
  const body = await response.arrayBuffer();
  if (body.byteLength > ANSWER_BYTES_MAX && cacheName !== MAP_CACHE) return;
  const headers = new Headers(response.headers);
  headers.set(STORED_AT, new Date().toISOString());
  await cache.delete(key);
  await cache.put(key, new Response(body, { status: 200, headers }));
  const keys = await cache.keys();
  await Promise.all(keys.slice(0, Math.max(0, keys.length - max)).map((old) => cache.delete(old)));
}

async function keepPage(url) {
  const response = await fetch(url.pathname, { credentials: 'omit' }).catch(() => undefined);
  if (response) await keep(PAGES_CACHE, url.pathname, response, PAGES_MAX);
}

const offlinePath = (pathname) => (/^\/ga(\/|$)/.test(pathname) ? '/ga/offline/' : '/offline/');

const pageOfState = (pathname) =>
  `${pathname.replace('/.perseus/page/xx-XX', '').replace(/\.json$/, '')}/`.replace(/\/+$/, '/');

const storedState = (url) => stateOf(PAGES_CACHE, pageOfState(url.pathname));

/** A page's state and head as an open tab asks for them, out of its document. */
async function stateOf(cacheName, pathname) {
  const page = await stored(cacheName, pathname);
  const html = await page?.text();
  const state = html?.match(/<script type="application\/json" id="perseus-state">([^<]*)<\/script>/);
  const head = html?.match(/"__perseus_head_boundary"[^>]*>(.*?)<meta itemprop="__perseus_head_end"/s);
  if (!state || !head) return undefined;
  const headers = { 'content-type': 'application/json' };
  if (page.headers.has(STORED_AT)) headers[STORED_AT] = page.headers.get(STORED_AT);
  return new Response(`{"state":${state[1]},"head":${JSON.stringify(head[1])}}`, { headers });
}

// ---- telling who looks that it is from the store

/** What is read, and so had better not be old without saying so. */
const SHOWN = ['page', 'state', 'search'];

/** When what a tab shows was stored, by the tab. */
const told = new Map();

async function tell(event, response) {
  const at = response.headers.get(STORED_AT);
  if (!at) return;
  const id = event.resultingClientId || event.clientId;
  if (!id) return;
  if (told.size > 50) told.clear();
  told.set(id, at);
  // A tab that is still loading asks by itself.
  const client = await self.clients.get(event.clientId);
  client?.postMessage({ stored: at });
}

// ---- the search, of what is stored

async function keepSearch(url, response) {
  const { searchParams } = url;
  const near = searchParams.has('lat') || searchParams.has('lon');
  if (searchParams.has('cursor') || response.status !== 200) return;
  if (!near) {
    await keep(LISTS_CACHE, searchKey(searchParams), response, LISTS_MAX);
    await keepCalendar(searchParams);
    return;
  }
  // Three distances would tell where somebody stood.
  const answer = await response.json();
  for (const session of answer.sessions ?? []) delete session.distance_km;
  const headers = { 'content-type': 'application/json' };
  await keep(LISTS_CACHE, NEAR_KEY, new Response(JSON.stringify(answer), { headers }), LISTS_MAX);
}

function searchKey(params) {
  const sorted = [...params].sort(([a], [b]) => (a < b ? -1 : 1));
  return `/api/sessions?${new URLSearchParams(sorted)}`;
}

const calendarPath = (params) =>
  `/feeds/counties/${(params.get('country') ?? '').toLowerCase()}/${params.get('county')}.ics`;

/** Every date of a county's coming ninety days, for a later evening without signal. */
async function keepCalendar(params) {
  if (!params.get('county') || !params.get('country') || navigator.connection?.saveData) return;
  const path = calendarPath(params);
  const known = await stored(LISTS_CACHE, path);
  if (known && Date.now() - Date.parse(known.headers.get(STORED_AT)) < CALENDAR_AGE_MS) return;
  const response = await fetch(path, { credentials: 'omit' });
  await keep(LISTS_CACHE, path, response, LISTS_MAX);
}

/**
 * What the search would answer, of what is stored: the very answer where the
 * same was asked and no time of it, else all sessions that any answer had, with
 * the dates that are still to come.
 */
async function storedSearch(url) {
  const params = url.searchParams;
  if (params.has('cursor')) return undefined;
  const near = params.has('lat');
  const exact = near ? undefined : await stored(LISTS_CACHE, searchKey(params));
  if (exact && !params.has('when')) return exact;
  // What is not reckoned here had better fail.
  if (params.has('format') || params.has('freshness')) return undefined;
  const { sessions, since, places } = await storedSessions();
  const place = `${params.get('country')}/${params.get('county')}`.toLowerCase();
  // What was never asked for is not known to be empty.
  if (near ? sessions.length === 0 : !places.has(place)) return exact;
  for (const path of near ? await storedCalendars() : [calendarPath(params)]) {
    const calendar = await stored(LISTS_CACHE, path);
    if (calendar) addDates(sessions, await calendar.text());
  }
  const answer = searchIn(sessions, params, Date.now());
  const headers = { 'content-type': 'application/json', [STORED_AT]: since };
  return new Response(JSON.stringify({ sessions: answer, total: answer.length }), { headers });
}

async function storedCalendars() {
  const cache = await caches.open(LISTS_CACHE);
  const paths = (await cache.keys()).map(({ url }) => new URL(url).pathname);
  return paths.filter((path) => path.startsWith('/feeds/'));
}

/** Every session that a stored answer has, each once, the latest told of. */
async function storedSessions() {
  const cache = await caches.open(LISTS_CACHE);
  const bySlug = new Map();
  const places = new Set();
  let since = new Date().toISOString();
  // The latest stored is the last.
  for (const key of await cache.keys()) {
    const url = new URL(key.url);
    if (url.pathname !== '/api/sessions') continue;
    const response = await cache.match(key);
    const answer = await response.json().catch(() => ({}));
    const asked = url.searchParams;
    if (asked.has('county') && !['when', 'q', 'format', 'town'].some((name) => asked.has(name))) {
      places.add(`${asked.get('country')}/${asked.get('county')}`.toLowerCase());
    }
    const at = response.headers.get(STORED_AT) ?? since;
    if (at < since) since = at;
    for (const session of answer.sessions ?? []) {
      const dates = bySlug.get(session.slug)?.dates ?? [];
      if (session.next) dates.push(session.next);
      bySlug.set(session.slug, { ...session, dates });
    }
  }
  return { sessions: [...bySlug.values()], since, places };
}

/** Adds the dates of a county's calendar to those that the answers told. */
function addDates(sessions, calendar) {
  const bySlug = new Map(sessions.map((session) => [session.slug, session]));
  const lines = calendar.replace(/\r?\n[ \t]/g, '').split(/\r?\n/);
  let event = {};
  for (const line of lines) {
    const [, name, parameters, value] = line.match(/^([A-Z-]+)((?:;[^:]*)?):(.*)$/) ?? [];
    if (name === 'BEGIN') event = {};
    else if (name === 'END' && value === 'VEVENT') addDate(bySlug, event);
    else if (name) event[name] = { value, zone: parameters.match(/TZID=([^;:]+)/)?.[1] };
  }
}

function addDate(bySlug, { URL: page, DTSTART: start, DURATION: lasts, STATUS: status }) {
  const session = bySlug.get(page?.value.split('/').filter(Boolean).pop());
  const parts = start?.value.match(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)$/);
  if (!session || !parts || !start.zone || status?.value === 'CANCELLED') return;
  const [, year, month, day, hour, minute, second] = parts;
  const local = `${year}-${month}-${day}T${hour}:${minute}:${second}`;
  if (session.dates.some((date) => date.starts_at.slice(0, 19) === local)) return;
  session.dates.push({
    starts_at: local + offsetOf(local, start.zone),
    zone: start.zone,
    duration_minutes: Number(lasts?.value.match(/^PT(\d+)M$/)?.[1] ?? 180),
    standing: 'as_usual',
    reason: '',
  });
}

/** The offset of a zone at a local time: `+01:00`. */
function offsetOf(local, zone) {
  const format = new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'longOffset' });
  const name = format.formatToParts(new Date(`${local}Z`)).find((part) => part.type === 'timeZoneName');
  return name?.value.match(/[+-]\d\d:\d\d/)?.[0] ?? '+00:00';
}

/** The sessions that are asked for, in the order of the search. */
function searchIn(sessions, params, now) {
  const [lat, lon] = [Number(params.get('lat')), Number(params.get('lon'))];
  const near = params.has('lat');
  const radius = Number(params.get('radius_km') ?? 0);
  const words = foldedWords(params.get('q') ?? '');
  const when = params.get('when');
  const hits = [];
  for (const { dates, ...session } of sessions) {
    const there = near
      ? (session.distance_km = Math.round(distanceKm(session.position, { lat, lon }) * 100) / 100) <= radius
      : session.country?.toLowerCase() === params.get('country')?.toLowerCase()
        && countySlug(session.county) === params.get('county');
    const inTown = !params.has('town') || slugOf(session.town) === slugOf(params.get('town'));
    const said = foldedWords(`${session.title} ${session.venue} ${session.town} ${session.county}`);
    const says = words.every((word) => said.some((one) => one.startsWith(word)));
    const coming = dates
      .filter((date) => Date.parse(date.starts_at) + date.duration_minutes * 60_000 > now)
      .sort((a, b) => Date.parse(a.starts_at) - Date.parse(b.starts_at));
    const on = coming.filter((date) => date.standing !== 'cancelled');
    const next = on.find((date) => isOn(date, when, now));
    if (!there || !inTown || !says || (when && !next)) continue;
    if (next) session.next = next;
    else delete session.next;
    hits.push(session);
  }
  const rank = (hit) => [hit.freshness === 'stale' ? 1 : 0, hit.distance_km ?? 0, hit.title.toLowerCase()];
  return hits.sort((a, b) => {
    const [x, y] = [rank(a), rank(b)];
    return x[0] - y[0] || x[1] - y[1] || x[2].localeCompare(y[2]);
  });
}

const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

/** Whether a date is when it should be: where it is played. */
function isOn(date, when, now) {
  const day = date.starts_at.slice(0, 10);
  if (!when) return true;
  if (when !== 'tonight') return DAYS[new Date(`${day}T12:00:00Z`).getUTCDay()] === when;
  const parts = new Intl.DateTimeFormat('en', {
    timeZone: date.zone, year: 'numeric', month: '2-digit', day: '2-digit',
  }).formatToParts(new Date(now));
  const part = (type) => parts.find((one) => one.type === type).value;
  return day <= `${part('year')}-${part('month')}-${part('day')}`;
}

/** The words of a text without accents and case, as `seisiun_domain::search` has them. */
function foldedWords(text) {
  const plain = text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
  return plain.split(/[^\p{L}\p{N}]+/u).filter(Boolean);
}

const slugOf = (name) => foldedWords(name ?? '').join('-');

function countySlug(county) {
  const words = foldedWords(county ?? '');
  if (words.length > 1 && (words[0] === 'county' || words[0] === 'co')) words.shift();
  return words.join('-');
}

function distanceKm(a, b) {
  if (!a) return Infinity;
  const radians = (degrees) => (degrees * Math.PI) / 180;
  const [dLat, dLon] = [radians(b.lat - a.lat), radians(b.lon - a.lon)];
  const h = Math.sin(dLat / 2) ** 2
    + Math.cos(radians(a.lat)) * Math.cos(radians(b.lat)) * Math.sin(dLon / 2) ** 2;
  return 2 * 6_371 * Math.asin(Math.min(1, Math.sqrt(h)));
}
