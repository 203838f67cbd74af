// A map of what a page lists: opened by a button, over a base that the site
// itself serves, beside the list that stays. Each pin is a link to what the list
// links to. The list is read from the document, and again whenever it changes.

const LIBRARY = './maplibre-6.17.0/maplibre-gl.mjs';
const asset = (name) => new URL(name, import.meta.url).href;

// Ireland, where a list says nothing else.
const IRELAND = [[-10.6, 51.3], [-5.3, 55.5]];
// As near as a map comes by itself, and at all: the base knows no streets.
const ZOOM_OF_ONE = 10;
const ZOOM_MAX = 13;
// Pixels around what is listed.
const PADDING = 48;

const dark = matchMedia('(prefers-color-scheme: dark)');
const still = matchMedia('(prefers-reduced-motion: reduce)');

/** The maps that are open, by their place. */
const open = new WeakMap();

/** Opens the map that a button is for, or closes it. */
export async function toggle(button, words) {
  const place = document.getElementById(button.dataset.map);
  if (!place) return;
  const known = open.get(place);
  const shown = place.hidden;
  place.hidden = !shown;
  button.setAttribute('aria-expanded', String(shown));
  button.textContent = shown ? words.hide_map : words.show_map;
  if (known) {
    if (shown) known.resize();
    return;
  }
  try {
    open.set(place, await draw(place, words));
  } catch (error) {
    place.replaceChildren();
    place.hidden = true;
    button.setAttribute('aria-expanded', 'false');
    button.textContent = words.show_map;
    throw error;
  }
}

async function draw(place, words) {
  const { Map, Marker, AttributionControl, LngLatBounds } = await import(LIBRARY);
  await style(asset('map.css'));
  const canvas = document.createElement('div');
  canvas.className = 'map-canvas';
  place.append(canvas);
  const map = new Map({
    container: canvas,
    style: base(document.documentElement.lang),
    bounds: IRELAND,
    fitBoundsOptions: { padding: 8 },
    maxZoom: ZOOM_MAX,
    attributionControl: false,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    // The page is scrolled over the map; two fingers, or the keys, move it.
    cooperativeGestures: false,
    scrollZoom: false,
    locale: {
      'Map.Title': words.map,
      'Marker.Title': words.map_pin,
    },
  });
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  map.addControl(new AttributionControl({ compact: false }), 'bottom-right');
  place.append(buttons(map, words));
  // Nothing needs a drag: a press brings its place into the middle.
  map.on('click', ({ lngLat, originalEvent }) => {
    if (originalEvent.target === map.getCanvas()) map.easeTo({ center: lngLat, ...motion() });
  });
  const caption = document.createElement('p');
  caption.className = 'map-caption';
  // The link itself says it.
  caption.setAttribute('aria-hidden', 'true');
  place.append(caption);
  const pins = new Pins(map, Marker, LngLatBounds, words, caption);
  pins.show();
  const changes = new MutationObserver(() => {
    if (place.isConnected) {
      pins.showSoon();
      return;
    }
    // The tab has gone on to another page.
    changes.disconnect();
    map.remove();
  });
  changes.observe(document.body, {
    childList: true, subtree: true, attributes: true, attributeFilter: ['data-at'],
  });
  dark.addEventListener('change', () => {
    if (place.isConnected) map.setStyle(base(document.documentElement.lang));
  });
  await new Promise((done, failed) => {
    map.once('load', done);
    map.once('error', ({ error }) => failed(error));
  });
  return map;
}

const motion = () => (still.matches ? { duration: 0 } : { duration: 300 });

function buttons(map, words) {
  const row = document.createElement('div');
  row.className = 'map-buttons';
  const add = (sign, label, press) => {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'quiet';
    button.textContent = sign;
    button.setAttribute('aria-label', label);
    button.addEventListener('click', press);
    row.append(button);
  };
  add('+', words.map_nearer, () => map.zoomIn(motion()));
  add('−', words.map_further, () => map.zoomOut(motion()));
  return row;
}

/** The pins of what the page lists. */
class Pins {
  constructor(map, Marker, LngLatBounds, words, caption) {
    Object.assign(this, { map, Marker, LngLatBounds, words, caption, shown: '', markers: [] });
  }

  /** Once for many changes at the same time. */
  showSoon() {
    cancelAnimationFrame(this.soon);
    this.soon = requestAnimationFrame(() => this.show());
  }

  show() {
    const places = listed();
    const key = JSON.stringify(places);
    if (key === this.shown) return;
    this.shown = key;
    for (const marker of this.markers) marker.remove();
    this.caption.textContent = '';
    this.markers = places.map(({ at, links }) => {
      const element = links.length === 1 ? pin(links[0], this.caption) : pins(links, this.words);
      element.addEventListener('toggle', () => {
        if (element.open) this.map.easeTo({ center: at, ...motion() });
      });
      // Who comes to it by the keys sees it.
      element.addEventListener('focusin', () => {
        if (!this.map.getBounds().contains(at)) this.map.easeTo({ center: at, ...motion() });
      });
      return new this.Marker({ element, anchor: 'bottom' }).setLngLat(at).addTo(this.map);
    });
    if (places.length === 0) return;
    const bounds = new this.LngLatBounds();
    for (const { at } of places) bounds.extend(at);
    this.map.fitBounds(bounds, { padding: PADDING, maxZoom: ZOOM_OF_ONE, duration: 0 });
  }
}

/** What the page lists, by where it is: `data-at` is latitude and longitude. */
function listed() {
  const places = new globalThis.Map();
  for (const item of document.querySelectorAll('main [data-at]')) {
    const [lat, lon] = item.dataset.at.split(',').map(Number);
    const link = item.matches('a') ? item : item.querySelector('a');
    if (!link || !item.dataset.at || !Number.isFinite(lat) || !Number.isFinite(lon)) continue;
    const key = `${lat.toFixed(4)},${lon.toFixed(4)}`;
    const place = places.get(key) ?? { at: [lon, lat], links: [] };
    const name = item.dataset.name ?? link.textContent.trim();
    if (!place.links.some(({ href }) => href === link.href)) {
      place.links.push({ href: link.href, rel: link.rel, name });
    }
    places.set(key, place);
  }
  return [...places.values()];
}

function anchor({ href, rel, name }) {
  const link = document.createElement('a');
  link.href = href;
  link.rel = rel;
  link.textContent = name;
  link.dir = 'auto';
  return link;
}

/** One session: its pin is the link, its name is shown at the map's edge. */
function pin(link, caption) {
  const mark = anchor(link);
  mark.className = 'map-pin';
  mark.textContent = '';
  mark.setAttribute('aria-label', link.name);
  const say = (name) => () => { caption.textContent = name; };
  for (const here of ['pointerenter', 'focus']) mark.addEventListener(here, say(link.name));
  for (const gone of ['pointerleave', 'blur']) mark.addEventListener(gone, say(''));
  return mark;
}

/** Several in one place: their links, behind how many they are. */
function pins(links, words) {
  const mark = document.createElement('details');
  mark.className = 'map-pins';
  const count = document.createElement('summary');
  count.className = 'map-pin';
  count.textContent = String(links.length);
  count.setAttribute('aria-label', `${links.length} ${words.map_here}`);
  const list = document.createElement('ul');
  list.className = 'plain';
  for (const link of links) {
    const item = document.createElement('li');
    item.append(anchor(link));
    list.append(item);
  }
  mark.append(count, list);
  mark.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') mark.open = false;
  });
  return mark;
}

async function style(href) {
  if (document.querySelector(`link[href="${href}"]`)) return;
  const link = document.createElement('link');
  link.rel = 'stylesheet';
  link.href = href;
  const loaded = new Promise((done, failed) => {
    link.addEventListener('load', done);
    link.addEventListener('error', failed);
  });
  document.head.append(link);
  await loaded;
}

/** The base: sea, land, counties, names. Its colours are the page's. */
function base(language) {
  const colours = getComputedStyle(document.documentElement);
  const colour = (name) => colours.getPropertyValue(`--${name}`).trim();
  const [sea, land, line, soft, ink] = ['map-sea', 'raised', 'map-line', 'soft', 'ink'].map(colour);
  // Without a server of glyphs, the browser's own fonts draw the letters.
  const text = (size, color) => ({
    layout: {
      'text-field': ['coalesce', ['get', language], ['get', 'en']],
      'text-font': ['Georgia, "Noto Serif", serif'],
      'text-size': size,
      'text-max-width': 8,
      'symbol-sort-key': ['get', 'rank'],
    },
    paint: { 'text-color': color, 'text-halo-color': land, 'text-halo-width': 1.5 },
  });
  const credit = '<a href="https://www.naturalearthdata.com" rel="external noopener">Natural Earth</a>'
    + ' · <a href="https://www.geonames.org" rel="external noopener">GeoNames</a>';
  const source = (name) => ({ type: 'geojson', data: asset(`map-${name}.json`) });
  return {
    version: 8,
    sources: {
      world: source('world'),
      isles: { ...source('isles'), attribution: credit },
      places: source('places'),
    },
    layers: [
      { id: 'sea', type: 'background', paint: { 'background-color': sea } },
      ...['world', 'isles'].flatMap((name) => [
        { id: `${name}-land`, source: name, type: 'fill', paint: { 'fill-color': land, 'fill-antialias': false } },
        { id: `${name}-line`, source: name, type: 'line', paint: { 'line-color': line, 'line-width': 1 } },
      ]),
      {
        id: 'counties', source: 'places', type: 'symbol', minzoom: 5.3, maxzoom: 8.5,
        filter: ['==', ['get', 'kind'], 'county'], ...text(12, soft),
      },
      {
        id: 'towns', source: 'places', type: 'symbol', minzoom: 6.5,
        filter: ['all', ['==', ['get', 'kind'], 'town'], ['<=', ['get', 'rank'], ['step', ['zoom'], 12, 7.5, 60, 8.5, 200, 9.5, 900]]],
        ...text(13, ink),
      },
    ],
  };
}
