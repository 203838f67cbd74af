// People in a browser: signing in past the pages, where that is no test of them.
import { PASSWORD, member, origin } from './stack.mjs';

/** Where the refresh token is kept, and the only paths that it is sent to. */
const COOKIE = '__Secure-seisiun-refresh';

/** What a browser keeps to know that it may have that cookie. */
const MARK = 'seisiun-signed-in';

const known = new Map();

/** Somebody of this kind, the same one in a whole run. */
export function somebody(kind) {
  if (!known.has(kind)) {
    known.set(kind, member(kind, ...(kind === 'moderator' ? ['moderators'] : [])));
  }
  return known.get(kind);
}

/** Signs a browser in as somebody of this kind: `member` or `moderator`; out, if
 * no kind is given. */
export async function signIn(context, kind) {
  if (kind === undefined) {
    await leave(context);
    return undefined;
  }
  const person = await somebody(kind);
  await enter(context, person.email);
  return person;
}

/** Signs a browser in by address. */
export async function enter(context, email) {
  const answer = await context.request.post(`${origin}/api/auth/sign-in`, {
    data: { email, password: PASSWORD },
    headers: { 'x-seisiun-auth': '1' },
  });
  if (!answer.ok()) throw new Error(`sign-in: ${answer.status()} ${await answer.text()}`);
  const set = answer.headersArray().find(({ name, value }) =>
    name.toLowerCase() === 'set-cookie' && value.startsWith(COOKIE));
  const value = set?.value.match(/=([^;]*)/)?.[1];
  if (!value) throw new Error('sign-in set no cookie');
  // By hand: a secure cookie that comes over HTTP is not kept by whoever asked.
  const { hostname } = new URL(origin);
  await context.addCookies([
    { name: COOKIE, value, domain: hostname, path: '/api/auth', httpOnly: true, secure: true, sameSite: 'Strict' },
  ]);
  await remember(context, true);
}

/** Signs a browser out. */
export async function leave(context) {
  await context.clearCookies();
  await remember(context, false);
}

/** Has a browser know, or not, that somebody signed in. */
async function remember(context, signedIn) {
  const page = await context.newPage();
  await page.goto(`${origin}/robots.txt`);
  await page.evaluate(
    ([mark, signedIn]) => (signedIn ? localStorage.setItem(mark, '1') : localStorage.removeItem(mark)),
    [MARK, signedIn],
  );
  await page.close();
}

/** Goes to a page of the list, as whom it is for; its answer. */
export async function visit(page, { href, as }) {
  const context = page.context();
  if (signedIn.get(context) !== as) {
    await signIn(context, as);
    signedIn.set(context, as);
  }
  return page.goto(href);
}

const signedIn = new WeakMap();
