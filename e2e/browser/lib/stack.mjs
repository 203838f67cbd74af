// A running stack, as its run file tells of it, seen from outside.
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** Longest that anything may take to come about. */
const PATIENCE_MS = 60_000;
const LOOK_EVERY_MS = 200;
/** Requests in all, of one that is told to try again, and until it does. */
const TRIES_MAX = 8;
const MOMENT_MS = 2000;

/** The code that the local user pool confirms every account with. */
const SIGN_UP_CODE = '123456';
/** Good for nothing but the local user pool. */
export const PASSWORD = 'Correct-horse-7-battery';

const file = process.env.SEISIUN_RUN_FILE;
if (!file) throw new Error('SEISIUN_RUN_FILE is not set: run this with `cargo xtask test browser`');

/** What the run file says, a flat map. */
export const run = JSON.parse(readFileSync(file, 'utf8'));

/** Where a browser finds the site. SEISIUN_SITE_URL names another place that
 * serves the same stack: a site that is being worked on. */
export const origin = new URL(process.env.SEISIUN_SITE_URL ?? run.front_door_url).origin;

/** Letters of which no word that insults is made, nor what is read as one: a random
 * text of other letters and digits is held for a moderator once in some hundred times. */
const LETTERS = 'bdghjmqrtwz';

/** Eight letters that no other run has: what is invented has them in its name, so that
 * runs do not find each other's. */
export const tag = (() => {
  let letters = '';
  while (letters.length < 8) {
    const next = LETTERS[Math.floor(Math.random() * LETTERS.length)];
    if (!letters.endsWith(next)) letters += next;
  }
  return letters;
})();

/** Looks until there is something; fails if that takes too long. */
export async function until(what, look, patience = PATIENCE_MS) {
  const end = Date.now() + patience;
  let trouble;
  do {
    try {
      const found = await look();
      if (found) return found;
      trouble = undefined;
    } catch (error) {
      trouble = error;
    }
    await sleep(LOOK_EVERY_MS);
  } while (Date.now() < end);
  throw new Error(`waited ${patience / 1000} s for ${what}`, { cause: trouble });
}

/** Asks the front door; the answer's body, if it is one of success. Who is told to try
 * again in a moment does so: on a busy machine the engine may not come to something. */
export async function ask(path, options = {}, tries = TRIES_MAX) {
  const { method = 'GET', body, headers = {}, token, key } = options;
  const answer = await fetch(new URL(path, run.front_door_url), {
    method,
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(token ? { authorization: `Bearer ${token}` } : {}),
      ...(key ? { 'idempotency-key': key } : {}),
      ...headers,
    },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await answer.text();
  if (answer.status === 503 && text.includes('#try-again') && tries > 1) {
    await sleep(MOMENT_MS);
    return ask(path, options, tries - 1);
  }
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
  return text && /json/.test(answer.headers.get('content-type') ?? '') ? JSON.parse(text) : text;
}

/** The mails to an address, the newest first. */
export async function mails(to) {
  const { messages } = await ask(`/_local/mailbox.json?to=${encodeURIComponent(to)}`);
  return messages;
}

/** Waits for a mail whose subject has these words. */
export function mail(to, words) {
  return until(`a mail to ${to} with “${words}”`, async () =>
    (await mails(to)).find(({ subject }) => subject.includes(words)));
}

/** A mail's header. */
export const header = (mail, name) =>
  mail.headers.find((header) => header.name.toLowerCase() === name.toLowerCase())?.value;

/** Asks the engine's user pool, as an administrator would. */
export async function pool(action, body) {
  const answer = await fetch(run.engine_url, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `AWSCognitoIdentityProviderService.${action}`,
      // The engine looks at who asks, and not at the signature.
      authorization: `AWS4-HMAC-SHA256 Credential=${run.access_key_id}/20260101/${run.region}/cognito-idp/aws4_request, SignedHeaders=host, Signature=0`,
    },
    body: JSON.stringify({ UserPoolId: run.UserPoolId, ...body }),
  });
  if (!answer.ok) throw new Error(`${action}: ${answer.status} ${await answer.text()}`);
}

/** Does what AWS does by itself when an account is confirmed: the engine leaves
 * its address unverified. */
export const verify = (email) =>
  pool('AdminUpdateUserAttributes', {
    Username: email,
    UserAttributes: [{ Name: 'email_verified', Value: 'true' }],
  });

/** Asks something of `/api/auth` as our own pages do. */
export const auth = (what, body) =>
  ask(`/api/auth/${what}`, { method: 'POST', body, headers: { 'x-seisiun-auth': '1' } });

/** Somebody with an account, made past the pages: for what is no test of them. */
export async function member(name, ...groups) {
  const email = `${name}.${tag}@example.org`;
  await auth('sign-up', { email, password: PASSWORD });
  await auth('confirm', { email, code: SIGN_UP_CODE });
  await verify(email);
  for (const group of groups) {
    await pool('AdminAddUserToGroup', { Username: email, GroupName: group });
  }
  const { access_token: token } = await auth('sign-in', { email, password: PASSWORD });
  return { email, token };
}

/** A key for a POST that may be repeated. */
export const key = () => crypto.randomUUID();

/** Anywhere but near the poles and the date line, so that nothing is a
 * duplicate of what another run has left. */
export const somewhere = () => ({
  lat: Math.random() * 120 - 60,
  lon: Math.random() * 340 - 170,
});

/** Days as a schedule names them, from Sunday as JavaScript does. */
const DAYS = ['SU', 'MO', 'TU', 'WE', 'TH', 'FR', 'SA'];

/** The day that it is in Ireland, `YYYY-MM-DD`. */
export const today = () =>
  new Intl.DateTimeFormat('en-CA', { timeZone: 'Europe/Dublin' }).format(new Date());

/** A session that a member could send; it is on tonight. */
export function draft(title, more = {}) {
  const { venue, ...rest } = more;
  return {
    title,
    venue: {
      name: `Hughes's ${tag}`,
      address: '19 Chancery Street',
      town: 'Miltown Malbay',
      county: 'Clare',
      country: 'IE',
      position: somewhere(),
      step_free: true,
      ...venue,
    },
    format: 'open',
    level: 'any',
    schedules: [
      {
        zone: 'Europe/Dublin',
        from: '2026-01-05',
        starts: '21:30',
        duration_minutes: 150,
        rrule: `FREQ=WEEKLY;BYDAY=${DAYS[new Date(today()).getUTCDay()]}`,
      },
    ],
    description: 'Reels and jigs, and a song now and then.',
    instruments: ['fiddle', 'flute'],
    ...rest,
  };
}

/** Uploads a photo past the pages; its id. */
export async function upload(token, bytes, type) {
  const body = { content_type: type };
  const { photo_id, url, fields } = await ask('/api/photos', { method: 'POST', body, token, key: key() });
  const form = new FormData();
  for (const [name, value] of fields) form.append(name, value);
  form.append('file', new Blob([bytes], { type }), 'photo');
  const answer = await fetch(url, { method: 'POST', body: form });
  if (!answer.ok) throw new Error(`the upload was refused: ${answer.status} ${await answer.text()}`);
  return photo_id;
}

/** Sends a session past the pages; its submission's id. */
export async function send(token, session, photos = []) {
  const body = { session, photos };
  const sent = await ask('/api/sessions', { method: 'POST', body, token, key: key() });
  return sent.submission_id;
}

/** Waits until a submission stands like this; the submission. */
export const stands = (token, id, state) =>
  until(`${id} to be ${state}`, async () => {
    const submission = await ask(`/api/submissions/${id}`, { token });
    return submission.state === state && submission;
  });

/** Has a member publish a session; its slug, once everybody was told of it. */
export async function publish(token, session, photos) {
  const id = await send(token, session, photos);
  const { slug } = await stands(token, id, 'published');
  await shown(slug);
  return slug;
}

/** Has a moderator approve what was held, and waits until it is public; its slug. */
export async function approved(token, id) {
  await stands(token, id, 'in_review');
  const moderator = await member(`mo-${id.toLowerCase()}`, 'moderators');
  await ask(`/api/moderation/cases/${id}/decision`, {
    method: 'POST',
    body: { measure: 'approve', reason: 'in_order', note: '' },
    token: moderator.token,
    key: key(),
  });
  const { slug } = await stands(token, id, 'published');
  await shown(slug);
  return slug;
}

/** Waits until a session has its page, which takes a moment after it is public. */
export const shown = (slug) =>
  until(`the page of ${slug}`, async () => (await fetch(new URL(`/sessions/${slug}/`, origin))).ok);
