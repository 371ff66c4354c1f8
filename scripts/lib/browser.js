// The Chromium of this machine, for the tests and the screenshot: playwright-core brings none.
import { existsSync } from 'node:fs';
import { installPackage } from './apt.js';

const PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** Turns off updates, the first-run page and background requests. */
const ARGS = [
  ...['--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  ...['--disable-quic', '--disable-gpu'],
];

/** The path of a Chromium; undefined if there is none. If CHROMIUM_PATH is set, no other is looked for. */
export const findChromium = () =>
  (process.env.CHROMIUM_PATH ? [process.env.CHROMIUM_PATH] : PLACES).find((path) => existsSync(path));

/** The path of a Firefox; undefined if there is none. It is never installed: one test of many needs it. */
export const findFirefox = () =>
  ['/usr/bin/firefox-esr', '/usr/bin/firefox', '/Applications/Firefox.app/Contents/MacOS/firefox'].find((path) =>
    existsSync(path),
  );

const HOW = 'Install it (on Debian: apt-get install chromium), or set CHROMIUM_PATH to its path.';

/**
 * Why Chromium may not be installed here; undefined if it may. A test run must not change the machine of the person who
 * starts it: only CI machines, which are thrown away.
 *
 * @param {{ isCi: boolean, hasApt: boolean, isRoot: boolean }} machine
 */
export function installObstacle({ isCi, hasApt, isRoot }) {
  if (!isCi) return `there is no Chromium, and it is installed only if CI is set. ${HOW}`;
  if (!hasApt) return `there is no Chromium, and no apt-get to install it. ${HOW}`;
  if (!isRoot) return `there is no Chromium, and only root may install it. ${HOW}`;
  return undefined;
}

/**
 * Installs Debian's Chromium on a CI machine that has none.
 *
 * @returns {Promise<string | undefined>} why there is none; undefined if there is one
 */
export async function ensureChromium() {
  if (findChromium()) return undefined;
  const { CHROMIUM_PATH } = process.env;
  if (CHROMIUM_PATH) return `there is no file at CHROMIUM_PATH, ${CHROMIUM_PATH}. ${HOW}`;
  const machine = {
    isCi: ![undefined, '', 'false', '0'].includes(process.env.CI),
    hasApt: existsSync('/usr/bin/apt-get'),
    isRoot: process.getuid?.() === 0,
  };
  const obstacle = installObstacle(machine);
  if (obstacle) return obstacle;
  console.log('Installing Chromium from the packages of this system ...');
  const failed = await installPackage('chromium');
  if (findChromium()) return undefined;
  return `Chromium could not be installed (${failed ?? 'it is not at any known path'}). ${HOW}`;
}

/** Launches a browser with a fresh profile, without the sandbox for root. */
export async function launchChromium() {
  const executablePath = findChromium();
  if (!executablePath) throw new Error('Chromium not found; run node scripts/checks/browser.js');
  const args = process.getuid?.() === 0 ? [...ARGS, '--no-sandbox'] : ARGS;
  const { chromium } = await import('playwright-core'); // slow, and most users only ask for the path
  return chromium.launch({ executablePath, args });
}
