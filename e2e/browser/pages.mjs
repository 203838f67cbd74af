// Every page there is, once: walks, axe, screenshots and Lighthouse share the
// list, so that a page that is forgotten is forgotten here.
import { ask } from './lib/stack.mjs';

/** The languages, with what their addresses begin with. */
export const LANGUAGES = [
  { tag: 'en', prefix: '' },
  { tag: 'ga', prefix: '/ga' },
];

/** What a page shows at first, before anybody does anything.
 *
 * - `name` of its pictures; `path` in English, with its slashes, and `query`
 * - `status` of its answer, 200 unless said
 * - `as` whom one has to be signed in for it to show more than the way in
 * - `scripted` where it says itself that it needs script
 * - `ready` what is drawn last
 * - `only` language that it is in, where not in all
 */
const FIXED = [
  { name: 'home', path: '/' },
  { name: 'find', path: '/sessions/' },
  { name: 'about', path: '/about/' },
  { name: 'privacy', path: '/privacy/' },
  { name: 'moderation', path: '/moderation/' },
  { name: 'offline', path: '/offline/' },
  { name: 'missing', path: '/there-is-no-such-page/', status: 404, only: 'en' },
];

/** Members' pages; `session` is the slug of the one that they are about. */
const members = (session) => [
  { name: 'sign-in', path: '/sign-in/' },
  { name: 'submit', path: '/submit/', as: 'member' },
  { name: 'edit', path: '/edit/', query: `?session=${session}`, as: 'member', ready: 'a[href*="openstreetmap"]' },
  { name: 'review', path: '/review/', query: `?session=${session}`, as: 'member' },
  { name: 'mine', path: '/mine/', as: 'member' },
  { name: 'follows', path: '/follows/', as: 'member' },
  { name: 'preferences', path: '/preferences/', as: 'member' },
  { name: 'report', path: '/report/', query: `?session=${session}` },
  { name: 'console', path: '/console/', as: 'moderator' },
].map((page) => ({ ...page, scripted: true }));

/** The county whose page stands for all of them. */
export const COUNTY = { country: 'IE', county: 'clare', path: '/counties/ie/clare/' };

/** The pages of a site with what `sampled` finds there, in one language each:
 * `{ name, href, language, … }`. */
export function pages({ session: slug, town, member }) {
  const all = [
    ...FIXED,
    { name: 'county', path: COUNTY.path },
    { name: 'town', path: town },
    { name: 'session', path: `/sessions/${slug}/` },
    { name: 'member', path: member },
    ...members(slug),
  ];
  return LANGUAGES.flatMap(({ tag, prefix }) =>
    all
      .filter(({ only }) => only === undefined || only === tag)
      .map((page) => ({
        status: 200,
        ...page,
        path: `${prefix}${page.path}`,
        href: `${prefix}${page.path}${page.query ?? ''}`,
        language: tag,
      })),
  );
}

/** What the sample has in that county: the slug of a session with reviews, if
 * there is one; the paths of a town, and of a member who is public. */
export async function sampled() {
  const { country, county } = COUNTY;
  const found = await ask(`/api/sessions?country=${country}&county=${county}`);
  const slugs = found.sessions.map(({ slug }) => slug);
  const sessions = await Promise.all(slugs.map((slug) => ask(`/api/sessions/${slug}`)));
  if (sessions.length === 0) throw new Error(`${county} has no session: is the sample loaded?`);
  const session = (sessions.find(({ review_count }) => review_count > 0) ?? sessions[0]).slug;
  const page = await ask(`/sessions/${session}/`);
  const linked = (to) => page.match(new RegExp(`href="(/${to}/[^"]+)"`))?.[1];
  const [town, member] = [linked('towns'), linked('members')];
  if (!town || !member) throw new Error(`/sessions/${session}/ leads to no town, or to no member`);
  return { session, town, member };
}
