/** The docs site in a real Chromium, from files with the network disabled, and from a static server under a path. */
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, posix } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { findChromium, launchChromium } from '../../scripts/lib/browser.js';
import { buildDocs } from '../../scripts/lib/docs/docs.js';
import { guideFiles } from '../../scripts/lib/docs/guide-files.js';
import { serveFolder } from '../../scripts/lib/docs/serve.js';
import { COLOUR_RULES, seriousViolations } from './axe.js';

/** What a page of the guide may weigh, with all that it loads. */
const MAX_BYTES = 500_000;

const folder = await mkdtemp(join(tmpdir(), 'cortex-secrets-site-'));
// The API reference has tests of its own: docs.test.ts.
const { pages } = await buildDocs(folder);
const guidePages = pages.filter((path) => path !== 'api.html');
afterAll(() => rm(folder, { recursive: true }));

const texts = new Map(
  await Promise.all(pages.map(async (path) => [path, await readFile(join(folder, path), 'utf8')] as const)),
);
const addressOf = (path: string) => pathToFileURL(join(folder, path)).href;

describe('the files of the site', () => {
  const idsOf = (path: string) => [...(texts.get(path) ?? '').matchAll(/\bid="([^"]+)"/g)].map(([, id]) => id);

  test.each(guidePages)('%s links only to files and anchors that exist', async (path) => {
    const html = texts.get(path) ?? '';
    const targets = [...html.matchAll(/<(?:a|link|script|img)\b[^>]*?\b(?:href|src)="([^"]*)"/g)].map(([, target]) =>
      (target as string).replaceAll('&amp;', '&'),
    );
    expect(targets.length).toBeGreaterThan(5);
    for (const target of targets) {
      if (/^(https|data|mailto):/.test(target)) continue;
      expect(target, 'is relative').not.toMatch(/^(\/|[a-z]+:)/);
      const [file = '', anchor] = target.split('#');
      const at = file ? posix.join(posix.dirname(path), file) : path;
      expect((await stat(join(folder, at))).isFile(), target).toBe(true);
      if (anchor && at !== 'api.html') expect(idsOf(at), target).toContain(decodeURIComponent(anchor));
    }
  });

  test('every page has the scripts and styles of the pages that the browser loads', () => {
    const assetsOf = (path: string) =>
      [...(texts.get(path) ?? '').matchAll(/<(?:script|link|img)\b[^>]*?\b(?:href|src)="([^"]*)"/g)]
        .map(([, target = '']) => (target.startsWith('data:') ? target : posix.join(posix.dirname(path), target)))
        .sort();
    const [first = '', ...others] = guidePages;
    expect(assetsOf(first).length).toBeGreaterThan(3);
    for (const path of others) expect(assetsOf(path), path).toEqual(assetsOf(first));
  });

  test('the contract stands beside the API reference, as the package has it', async () => {
    for (const name of ['openapi.yaml', 'openapi.json', 'openapi-3.0.json']) {
      const generated = fileURLToPath(new URL(`../../generated/${name}`, import.meta.url));
      expect(await readFile(join(folder, name), 'utf8')).toBe(await readFile(generated, 'utf8'));
    }
  });
});

const chromium = findChromium();
describe.skipIf(!chromium)('the site', { timeout: 120_000 }, () => {
  let browser: Browser;
  let requests: string[] = [];
  let consoleMessages: string[] = [];
  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(() => browser?.close());
  afterEach(async () => {
    const network = requests.filter((url) => !/^(file|data|blob):/.test(url));
    const messages = consoleMessages;
    [requests, consoleMessages] = [[], []];
    for (const context of browser.contexts()) await context.close();
    expect(network, 'makes no network requests').toEqual([]);
    expect(messages, 'the console is empty').toEqual([]);
  });

  async function newPage(options: BrowserContextOptions = {}): Promise<Page> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, offline: true, ...options });
    context.on('request', (request) => requests.push(request.url()));
    context.setDefaultTimeout(30_000);
    const page = await context.newPage();
    page.on('pageerror', (error) => consoleMessages.push(error.message));
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) consoleMessages.push(message.text());
    });
    return page;
  }

  /** Goes to a page, and waits until its navigation is there: TypeDoc hides the page until then. */
  async function visit(page: Page, address: string): Promise<void> {
    await page.goto(address);
    await page.locator('#tsd-nav-container a').first().waitFor({ state: 'attached' });
    await page.locator('main, .col-content').first().waitFor();
  }

  /** Every page of the guide, and of each kind of page that TypeDoc writes the largest. */
  const visited = guidePages
    .toSorted((one, other) => (texts.get(other)?.length ?? 0) - (texts.get(one)?.length ?? 0))
    .filter((path, index, all) => {
      const kind = posix.dirname(path);
      return ['guide', '.'].includes(kind) || all.findIndex((other) => posix.dirname(other) === kind) === index;
    });

  test('a page opens from its file, fits into 390 px, and weighs less than 500 kB', async () => {
    const page = await newPage({ viewport: { width: 390, height: 844 } });
    const heaviest = { path: '', bytes: 0 };
    const problems: object[] = [];
    for (const path of visited) {
      requests = [];
      await visit(page, addressOf(path));
      const files = [...new Set(requests)].filter((url) => url.startsWith('file:')).map((url) => fileURLToPath(url));
      const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size));
      const bytes = sizes.reduce((sum, size) => sum + size, 0);
      if (bytes > heaviest.bytes) Object.assign(heaviest, { path, bytes });
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      if (width !== 390) problems.push({ path, width });
      for (const url of requests) if (!/^(file|data|blob):/.test(url)) problems.push({ path, url });
      for (const message of consoleMessages) problems.push({ path, message });
      consoleMessages = [];
    }
    expect(problems).toEqual([]);
    expect(heaviest.bytes, heaviest.path).toBeLessThan(MAX_BYTES);
    console.log(`the site: ${visited.length} pages opened, the heaviest ${heaviest.path} with ${heaviest.bytes} bytes`);
  });

  test('the text of every page fits into 390 px', async () => {
    const page = await newPage({ viewport: { width: 390, height: 844 } });
    await visit(page, addressOf('guide/errors.html'));
    // In one page, one after the other: to load a page takes 50 times as long.
    const widths = await page.evaluate(
      (all) =>
        all.map(([path, html]) => {
          const text = new DOMParser().parseFromString(html, 'text/html').querySelector('.col-content') as Element;
          document.querySelector('.col-content')?.replaceWith(document.importNode(text, true));
          return [path, document.documentElement.scrollWidth];
        }),
      guidePages.map((path) => [path, texts.get(path) as string] as const),
    );
    expect(widths).toEqual(guidePages.map((path) => [path, 390]));
  });

  test('no page has serious axe violations, light or dark', async () => {
    const page = await newPage();
    // What all pages share, once.
    for (const path of ['guide/errors.html', 'modules/cortex-secrets.html']) {
      await visit(page, addressOf(path));
      expect(await seriousViolations(page), path).toEqual([]);
    }
    // The text of all pages in one document, since a run of axe costs more than what it looks at.
    const checked = await page.evaluate(
      (all) => {
        const column = document.querySelector('.col-content') as Element;
        const parser = new DOMParser();
        column.replaceChildren(
          ...all.map((html) => {
            const content = parser.parseFromString(html, 'text/html').querySelector('.col-content') as Element;
            for (const details of content.querySelectorAll('details')) details.open = true;
            return document.importNode(content, true);
          }),
        );
        return column.children.length;
      },
      guidePages.map((path) => texts.get(path) as string),
    );
    expect(checked).toBe(guidePages.length);
    expect(await seriousViolations(page), 'light').toEqual([]);
    await page.emulateMedia({ colorScheme: 'dark' });
    expect(await seriousViolations(page, COLOUR_RULES), 'dark').toEqual([]);
  });

  test('the navigation has every page of docs/, and leads into the API reference', async () => {
    const page = await newPage();
    await visit(page, addressOf('guide/cli.html'));
    const links = await page
      .locator('#tsd-nav-container a')
      .evaluateAll((all) => all.map((one) => one.getAttribute('href') as string));
    const found = links.map((link) => posix.join('guide', link));
    for (const [, paths] of guideFiles()) {
      for (const path of paths.filter((one) => one.startsWith('docs/')))
        expect(found).toContain(path.replace('docs/', 'guide/').replace(/md$/, 'html'));
    }
    for (const place of ['api.html', 'api.html#/secrets/updatesecret', 'api.html#/secrets/errors'])
      expect(found).toContain(place);
    for (const file of new Set(found.map((link) => link.split('#')[0] as string))) expect(pages).toContain(file);
  });

  test('the search finds pages, fields and operations, without a network', async () => {
    const page = await newPage();
    await visit(page, addressOf('guide/retries.html'));
    await page.getByRole('button', { name: 'Search' }).click();
    for (const [words, path] of [
      ['outcomes', 'guide/errors.html'],
      ['opentelemetry', 'guide/logging.html'],
      ['maxRetryAfterMs', 'interfaces/cortex-secrets.RetryOptions.html#maxretryafterms'],
      ['createFakeCortex', 'functions/cortex-secrets_testing.createFakeCortex.html'],
      ['rotate', 'api.html#/secrets/updatesecret'],
    ]) {
      await page.locator('#tsd-search-input').fill(words as string);
      const result = page.locator(`#tsd-search-results a[href$="${path}"]`).first();
      await expect.poll(() => result.isVisible(), { message: words as string }).toBe(true);
    }
    await page.locator('#tsd-search-results a[href$="api.html#/secrets/updatesecret"]').click();
    await page.locator('html.light, html.dark').waitFor();
    expect(page.url()).toBe(`${addressOf('api.html')}#/secrets/updatesecret`);
  });

  test('the colours are those of the system, or the ones that the reader has chosen', async () => {
    const brightness = (page: Page) =>
      page.evaluate(() => {
        const channels = getComputedStyle(document.body).backgroundColor.match(/\d+/g) ?? [];
        return channels.slice(0, 3).reduce((sum, channel) => sum + Number(channel), 0) / 3;
      });
    const page = await newPage({ colorScheme: 'dark' });
    await visit(page, addressOf('index.html'));
    expect(await brightness(page)).toBeLessThan(60);
    await page.locator('.settings summary').click();
    await page.locator('#tsd-theme').selectOption('light');
    await expect.poll(() => brightness(page)).toBeGreaterThan(200);
    await visit(page, addressOf('guide/cli.html'));
    expect(await brightness(page)).toBeGreaterThan(200);
    // The API reference takes the choice over, and hands its own back.
    await page.goto(addressOf('api.html'));
    await page.locator('html.light').waitFor();
    await page.getByRole('button', { name: 'light' }).click();
    await page.locator('html.dark').waitFor();
    await visit(page, addressOf('guide/cli.html'));
    expect(await brightness(page)).toBeLessThan(60);
  });

  test('the header leads to the API reference, and from there back to the guide', async () => {
    const page = await newPage();
    await visit(page, addressOf('guide/cli.html'));
    await page.locator('#tsd-toolbar-links').getByRole('link', { name: 'API reference' }).click();
    await page.locator('html.light, html.dark').waitFor();
    expect(page.url()).toBe(addressOf('api.html'));
    await page.locator('.site-header').getByRole('link', { name: 'Guide' }).click();
    await expect.poll(() => page.url()).toBe(addressOf('guide/getting-started.html'));
    await page.locator('#tsd-toolbar-links').getByRole('link', { name: 'Client reference' }).click();
    await expect.poll(() => page.url()).toBe(addressOf('modules/cortex-secrets.html'));
  });

  test('a static server may serve it under a path, and each request stays below it', async () => {
    const { url, close } = await serveFolder(folder, { port: 0, path: '/some/path/' });
    try {
      const page = await newPage({ offline: false });
      const failed: string[] = [];
      page.on('response', (response) => {
        if (response.status() !== 200) failed.push(`${response.status()} ${response.url()}`);
      });
      for (const path of ['', 'guide/errors.html']) {
        await visit(page, url + path);
        await page.getByRole('button', { name: 'Search' }).click();
        await page.locator('#tsd-search-input').fill('outcome');
        await page.locator('#tsd-search-results a').first().waitFor();
      }
      await page.goto(`${url}api.html#/secrets/updatesecret`);
      await page.locator('html.light, html.dark').waitFor();
      await page.locator('a[href="#/secrets/errors"]').first().click();
      await expect.poll(() => page.url()).toBe(`${url}api.html#/secrets/errors`);
      expect(failed).toEqual([]);
      const elsewhere = requests.filter((one) => !one.startsWith(url) && !/^(data|blob):/.test(one));
      requests = [];
      expect(elsewhere).toEqual([]);
    } finally {
      close();
    }
  });
});
