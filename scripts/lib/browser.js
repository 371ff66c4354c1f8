// A Chromium of this machine for the tests and the screenshots: playwright-core brings none.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';

const PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** Nothing but the page: no updates, no first run, no call home. */
const ARGS = [
  ...['--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  ...['--disable-quic', '--disable-gpu'],
];

/** Where a Chromium is; undefined where there is none. */
export const findChromium = () => [process.env.CHROMIUM_PATH ?? '', ...PLACES].find((path) => existsSync(path));

/**
 * Installs Debian's Chromium where this is Debian and may be done.
 *
 * @returns {Promise<string | undefined>} why there is none; undefined where there is one
 */
export async function ensureChromium() {
  if (findChromium()) return undefined;
  const how = 'Install Chromium, or say where it is with CHROMIUM_PATH.';
  if (!existsSync('/usr/bin/apt-get')) return `there is no Chromium, and this is no Debian to install it on. ${how}`;
  if (process.getuid?.() !== 0) return `there is no Chromium, and only root may install it. ${how}`;
  console.log('Installing Chromium from the packages of this system ...');
  const failed = (await apt('update')) ?? (await apt('install', '--yes', '--no-install-recommends', 'chromium'));
  if (findChromium()) return undefined;
  return `Chromium could not be installed (${failed ?? 'it is not where it should be'}). ${how}`;
}

/** What went wrong, in a line. */
function apt(...args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  return new Promise((resolve) => {
    execFile('apt-get', ['-q', ...args], { env, timeout: 240_000, maxBuffer: 2 ** 26 }, (error, _, stderr) => {
      resolve(error ? stderr.trim().split('\n').at(-1) || error.message : undefined);
    });
  });
}

/** A browser with a fresh profile. Root needs it without its sandbox. */
export function launchChromium() {
  const executablePath = findChromium();
  if (!executablePath) throw new Error('There is no Chromium: see scripts/browser.js');
  const args = process.getuid?.() === 0 ? [...ARGS, '--no-sandbox'] : ARGS;
  return chromium.launch({ executablePath, args });
}
