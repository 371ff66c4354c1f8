// Finds or installs Chromium for the browser tests and screenshots: playwright-core does not include one.
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

/** Turns off updates, the first-run page and background requests. */
const ARGS = [
  ...['--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  ...['--disable-quic', '--disable-gpu'],
];

/** The path of Chromium; undefined if there is none. */
export const findChromium = () => [process.env.CHROMIUM_PATH ?? '', ...PLACES].find((path) => existsSync(path));

/**
 * Installs Debian's Chromium, if this is Debian and the user is root.
 *
 * @returns {Promise<string | undefined>} the reason why there is none; undefined if there is one
 */
export async function ensureChromium() {
  if (findChromium()) return undefined;
  const how = 'Install Chromium, or set CHROMIUM_PATH.';
  if (!existsSync('/usr/bin/apt-get')) return `Chromium not found, and apt-get is not available. ${how}`;
  if (process.getuid?.() !== 0) return `Chromium not found, and only root can install it. ${how}`;
  console.log('Installing Chromium with apt-get ...');
  const failed = (await apt('update')) ?? (await apt('install', '--yes', '--no-install-recommends', 'chromium'));
  if (findChromium()) return undefined;
  return `Failed to install Chromium (${failed ?? 'not found after apt-get install'}). ${how}`;
}

/** The last line of the error output; undefined on success. */
function apt(...args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  return new Promise((resolve) => {
    execFile('apt-get', ['-q', ...args], { env, timeout: 240_000, maxBuffer: 2 ** 26 }, (error, _, stderr) => {
      resolve(error ? stderr.trim().split('\n').at(-1) || error.message : undefined);
    });
  });
}

/** Launches a browser with a fresh profile, without the sandbox for root. */
export function launchChromium() {
  const executablePath = findChromium();
  if (!executablePath) throw new Error('Chromium not found; run node scripts/browser.js');
  const args = process.getuid?.() === 0 ? [...ARGS, '--no-sandbox'] : ARGS;
  return chromium.launch({ executablePath, args });
}
