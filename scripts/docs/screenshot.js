// node scripts/docs/screenshot.js   the picture of the docs page: .github/docs.png
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ensureChromium, launchChromium } from '../lib/browser.js';
import { buildApiPage } from '../lib/docs/api-page.js';

const picture = fileURLToPath(new URL('../../.github/docs.png', import.meta.url));
const LIMIT = 200_000;

const missing = await ensureChromium();
if (missing) throw new Error(missing);
const folder = await mkdtemp(join(tmpdir(), 'cortex-secrets-screenshot-'));
const file = join(folder, 'index.html');
await buildApiPage(file);
const browser = await launchChromium();
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  await page.goto(`${pathToFileURL(file).href}#/secrets/createsecret`);
  await page.locator('[id="secrets/createsecret"] .panel-request-samples pre').waitFor();
  // The page has scrolled to its place.
  const isInView = () => {
    const top = document
      .querySelector('[id="secrets/createsecret"] h1, [id="secrets/createsecret"] h2')
      ?.getBoundingClientRect().top;
    return top !== undefined && top > 0 && top < 300;
  };
  await page.waitForFunction(isInView);
  await page.locator('[id="secrets/createsecret"] .sample-run .run-button').waitFor();
  await page.screenshot({ path: picture, animations: 'disabled' });
} finally {
  await browser.close();
  await rm(folder, { recursive: true });
}
const { size } = await stat(picture);
if (size > LIMIT) throw new Error(`${picture} has ${size} bytes; the limit is ${LIMIT}`);
console.log(`${Math.round(size / 1000)} kB in ${picture}`);
