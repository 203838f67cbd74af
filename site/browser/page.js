// What a page does beside the program, and before it is there: keeps itself for
// when there is no signal, says so where that is what is shown, and opens maps.
// A part of boot.js, or all there is (plain.js); WORDS, in both languages, is written before it.

const words = WORDS[document.documentElement.lang] ?? WORDS.en;

// ---- what stands behind a question mark: links were published without it

document.addEventListener('click', (event) => {
  const link = event.target.closest?.('a.skip, .site-header a[hreflang]');
  if (!link) return;
  if (link.hreflang) {
    // The same page in the other language is about the same.
    link.search = location.search;
    return;
  }
  event.preventDefault();
  document.getElementById('content')?.focus();
});

// ---- maps: nothing of one is loaded before it is asked for

document.addEventListener('click', async (event) => {
  const button = event.target.closest?.('button[data-map]');
  if (!button) return;
  button.disabled = true;
  try {
    const map = await import('../assets/map.js');
    await map.toggle(button, words);
  } catch (error) {
    console.error(error);
    say(words.map_failed);
  }
  button.disabled = false;
});

// ---- the store

/** Says something at the foot of the window; `link` loads the page again. */
function say(text, link) {
  let line = document.querySelector('.from-store');
  if (!line) {
    line = document.createElement('p');
    line.className = 'from-store';
    line.setAttribute('role', 'status');
    document.body.append(line);
  }
  line.textContent = text;
  if (!link) return;
  const again = document.createElement('a');
  again.href = location.href;
  again.rel = 'external';
  again.textContent = link;
  line.append(' ', again);
}

// In figures, since not every browser knows the Irish names of days.
const lately = (at) => new Intl.DateTimeFormat('en-IE', {
  day: 'numeric', month: 'numeric', hour: '2-digit', minute: '2-digit', hour12: false,
}).format(new Date(at));

/** The pages that can still be read, where a page has a list for them. */
async function listStored() {
  const find = () => document.querySelector('[data-stored-pages]');
  if (!find() || !('caches' in window)) return;
  const cache = await caches.open('seisiun-pages-1');
  const items = [];
  for (const request of (await cache.keys()).reverse()) {
    const html = await (await cache.match(request)).text();
    const title = html.match(/<title>(.*?)<\/title>/s)?.[1];
    if (!title) continue;
    const item = document.createElement('li');
    const link = document.createElement('a');
    link.href = request.url;
    link.rel = 'external';
    link.textContent = new DOMParser().parseFromString(title, 'text/html').body.textContent;
    item.append(link);
    items.push(item);
  }
  // The program may draw its list anew, and empty.
  const fill = () => {
    const list = find();
    if (list && !list.firstChild) list.append(...items);
  };
  fill();
  new MutationObserver(fill).observe(document.body, { childList: true, subtree: true });
}

if ('serviceWorker' in navigator) {
  const worker = navigator.serviceWorker;
  worker.addEventListener('message', ({ data }) => {
    if (data?.stored) say(`${words.stored} ${lately(data.stored)}.`, words.load_again);
  });
  worker.controller?.postMessage({ asks: true });
  const register = async () => {
    const before = worker.controller;
    await worker.register('/sw.js', { updateViaCache: 'none' });
    const { active } = await worker.ready;
    if (!before) active.postMessage({ keep: location.pathname });
  };
  // After what the page itself needs.
  const later = () => setTimeout(() => register().catch(console.error), 1_000);
  if (document.readyState === 'complete') later();
  else addEventListener('load', later);
}
listStored().catch(console.error);
