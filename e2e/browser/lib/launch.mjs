// A browser of our tools, for whatever is to be looked at.
import { chromium } from './packages.mjs';

/** What a browser is started with: nothing of its own on the network. */
export const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const executablePath = process.env.SEISIUN_CHROMIUM ?? '/usr/bin/chromium';

export const launch = () =>
  chromium.launch({ executablePath, args: FLAGS, env: { ...process.env, TZ: 'UTC' } });
