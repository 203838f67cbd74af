// node observatory.mjs CHECKOUT: the score of MDN's HTTP Observatory for the site.
//
// The rules and the points are the Observatory's own, from its package; only what
// it asks a server for is asked here otherwise, since nothing local speaks HTTPS:
//
// - what a page answers is what the front door answers, asked by HTTP
// - Strict-Transport-Security is added as ops/delivery.yaml has CloudFront say it
// - that HTTP leads to HTTPS on the same host is taken from there, too
// - uploads go to a bucket by HTTPS, as the policy in ops/delivery.yaml says, and
//   not to the local engine; the rest of both policies has to be the same
// - the site counts as in no browser's preload list
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

import { folder } from './lib/packages.mjs';
import { origin } from './lib/stack.mjs';

/** What the site has to come to, and each page that is looked at. */
const GOAL = 130;
const PAGES = ['/', '/counties/ie/clare/', '/sessions/', '/ga/', '/there-is-no-such-page/'];
/** Any name that is in no preload list. */
const HOST = 'seisiun.example';

const [checkout] = process.argv.slice(2);
if (!checkout) throw new Error('usage: node observatory.mjs CHECKOUT');

const observatory = path.join(folder, 'node_modules/@mdn/mdn-http-observatory');
// Its list of preloaded hosts is fetched when it is installed by itself. Without
// it no host is preloaded, which gives no points.
const preloaded = path.join(observatory, 'conf/hsts-preload.json');
if (!existsSync(preloaded)) {
  mkdirSync(path.dirname(preloaded), { recursive: true });
  writeFileSync(preloaded, '{}');
}
const own = (file) => import(pathToFileURL(path.join(observatory, 'src', file)));
const { ALL_TESTS } = await own('constants.js');
const { Requests } = await own('types.js');
const { parseHttpEquivHeaders } = await own('retriever/utils.js');
const { getGradeForScore, getScoreModifier } = await own('grader/grader.js');
const { MINIMUM_SCORE_FOR_EXTRA_CREDIT } = await own('grader/charts.js');

/** What CloudFront adds to what the front door says. */
function edge() {
  const template = readFileSync(path.join(checkout, 'ops/delivery.yaml'), 'utf8');
  const policy = template.match(/^ {2}SiteHeaders:\n(?: {3,}.*\n|\n)+/m)?.[0] ?? '';
  const age = policy.match(/AccessControlMaxAgeSec: (\d+)/)?.[1];
  if (!age) throw new Error('ops/delivery.yaml says no Strict-Transport-Security');
  const lines = policy.match(/ContentSecurityPolicy: !Sub >-\n((?: {14,}\S.*\n)+)/)?.[1];
  if (!lines) throw new Error('ops/delivery.yaml says no Content-Security-Policy');
  const also = [
    /IncludeSubdomains: true/.test(policy) && 'includeSubDomains',
    /Preload: true/.test(policy) && 'preload',
  ].filter(Boolean);
  const first = template.match(/ {8}DefaultCacheBehavior:\n(?: {10,}.*\n)+/)?.[0] ?? '';
  return {
    // Whatever the bucket and the region are called.
    policy: lines.trim().replaceAll(/\n\s*/g, ' ').replaceAll(/\$\{[^}]+\}/g, 'any'),
    transport: [`max-age=${age}`, ...also].join('; '),
    redirects: /ViewerProtocolPolicy: redirect-to-https/.test(first),
  };
}

/** An answer in the shape that the rules read. */
const shaped = async (answer, more = {}) => ({
  status: answer.status,
  headers: { ...Object.fromEntries(answer.headers), ...more },
  data: await answer.text(),
  request: { headers: {} },
  verified: true,
});

/** A policy without where uploads go. */
const elsewhere = (policy) => policy?.replace(/(connect-src 'self') [^;]+/, '$1');

async function score(page, { policy, transport, redirects }) {
  const url = new URL(page, `https://${HOST}`);
  const asked = new Requests(HOST);
  const at = new URL(page, origin);
  const said = await fetch(at);
  const local = said.headers.get('content-security-policy');
  if (elsewhere(local) !== elsewhere(policy)) {
    throw new Error(`${page} has another policy than ops/delivery.yaml:\n${local}\n${policy}`);
  }
  const answer = await shaped(said, {
    'content-security-policy': policy,
    'strict-transport-security': transport,
  });
  answer.httpEquiv = parseHttpEquivHeaders(answer.data, url.href);
  asked.responses.auto = answer;
  asked.responses.https = answer;
  asked.responses.http = answer;
  asked.responses.httpRedirects = [
    { url: new URL(page, `http://${HOST}`), status: redirects ? 301 : 200 },
    ...(redirects ? [{ url, status: 200 }] : []),
  ];
  asked.responses.httpsRedirects = [{ url, status: answer.status }];
  asked.resources.path = answer.data;
  asked.session = { url, jar: { serializeSync: () => ({ cookies: [] }) } };
  const options = { method: 'OPTIONS', headers: { origin: 'https://http-observatory.security.mozilla.org', 'access-control-request-method': 'GET' } };
  asked.responses.cors = await shaped(await fetch(at, options));
  if (answer.headers['set-cookie']) throw new Error(`${page} sets a cookie: this counts none`);

  const results = ALL_TESTS.map((test) => test(asked)).map((output) => ({
    name: output.constructor.title ?? output.constructor.name,
    result: output.result,
    pass: output.pass,
    points: getScoreModifier(output.result),
  }));
  const lost = results.reduce((sum, { points }) => sum + Math.min(points, 0), 100);
  const all = results.reduce((sum, { points }) => sum + points, 100);
  // Points above are given to those alone who have nearly all of the others.
  return { results, ...getGradeForScore(lost >= MINIMUM_SCORE_FOR_EXTRA_CREDIT ? all : lost) };
}

const added = edge();
let well = true;
for (const [n, page] of PAGES.entries()) {
  const { score: points, grade, results } = await score(page, added);
  well &&= points >= GOAL;
  console.log(`Observatory: ${page} ${points} (${grade}), goal ${GOAL}${points >= GOAL ? '' : '  BELOW'}`);
  // The headers are the same everywhere: one page's in full, others' if worse.
  if (n > 0 && points >= GOAL) continue;
  for (const { name, result, points, pass } of results) {
    console.log(`  ${String(points > 0 ? `+${points}` : points).padStart(4)}  ${name}: ${result}${pass ? '' : '  NOT PASSED'}`);
  }
}
process.exitCode = well ? 0 : 1;
