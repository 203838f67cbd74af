// axe-core's rules, all of them: those of WCAG 2.2 up to AA, and good practice.
import { readFileSync } from 'node:fs';

import { file } from './packages.mjs';

const source = readFileSync(file('axe-core/axe.min.js'), 'utf8');

/** What axe finds on a page, a line each; nothing, hopefully. */
export async function violations(page) {
  // Through the debugger: the page's policy lets no foreign script in.
  const { violations } = await page.evaluate(`${source}; axe.run(document)`);
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target, failureSummary }) =>
      `${id} (${help}) at ${target.join(' ')}: ${failureSummary.replaceAll('\n', ' ')}`));
}
