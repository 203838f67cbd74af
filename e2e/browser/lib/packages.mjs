// The packages of package-lock.json. `cargo xtask` installs them among its
// tools, outside this folder, and says where in SEISIUN_BROWSER_PACKAGES.
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));

/** The folder that holds `node_modules`. */
export const folder =
  process.env.SEISIUN_BROWSER_PACKAGES ?? path.resolve(here, '../../../.local/tools/browser');

const require = createRequire(path.join(folder, 'package.json'));

/** A package's file as a path. */
export const file = (name) => require.resolve(name);

/** A package that is an ECMAScript module. */
export const load = (name) => import(pathToFileURL(require.resolve(name)));

export const { chromium } = require('playwright-core');
