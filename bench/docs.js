// Measures the docs page: its size, and the time to the first content, from a file in a headless Chromium.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensureChromium, launchChromium } from '../scripts/lib/browser.js';
import { buildApiPage } from '../scripts/lib/docs/api-page.js';
import { median } from './rounds.js';

/**
 * @returns {Promise<{ bytes: number, paintMs?: number, usableMs?: number, missing?: string }>} medians of nine browsers
 */
export async function docsPage() {
  const folder = await mkdtemp(join(tmpdir(), 'cortex-secrets-bench-docs-'));
  try {
    const file = join(folder, 'index.html');
    const bytes = await buildApiPage(file);
    const missing = await ensureChromium();
    if (missing) return { bytes, missing };
    const paints = [];
    const usables = [];
    for (let round = 0; round < 9; round++) {
      const browser = await launchChromium();
      const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
      await page.goto(pathToFileURL(file).href);
      await page.locator('html.light, html.dark').waitFor();
      usables.push(await page.evaluate(() => performance.now()));
      const paint = () => performance.getEntriesByName('first-contentful-paint')[0]?.startTime;
      paints.push(await page.waitForFunction(paint).then((handle) => handle.jsonValue()));
      await browser.close();
    }
    return { bytes, paintMs: median(paints), usableMs: median(usables) };
  } finally {
    await rm(folder, { recursive: true });
  }
}
