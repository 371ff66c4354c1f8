/** The tests of the API reference, in the browser of the site's tests. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Locator, Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { examplesOf, operations } from '../contract/document.js';
import { COLOUR_RULES, seriousViolations } from './axe.js';

const contract = JSON.parse(await readFile(new URL('../../generated/openapi.json', import.meta.url), 'utf8'));
const samples = fileURLToPath(new URL('../../spec/samples/', import.meta.url));
const sample = (name: string) => readFile(`${samples}${name}`, 'utf8');

/** The choices of the menu beside a Run button; the first is none. */
export const FAULTS = ['', 'throttled', 'unavailable', 'lost', 'slow', 'changing'];

const WIDE = { width: 1280, height: 900 };
const NARROW = { viewport: { width: 390, height: 844 } };

interface Setting {
  colorScheme?: 'light' | 'dark';
  viewport?: typeof WIDE;
}

const SUMMARIES: Record<string, string> = {
  listSecrets: 'List secrets',
  createSecret: 'Create a secret',
  getSecret: 'Get a secret',
  updateSecret: 'Update (rotate) a secret',
  deleteSecret: 'Delete a secret',
};
const names = Object.keys(SUMMARIES);
const ERROR_TYPES: string[] = contract.components.schemas.ErrorBody.properties.type['x-extensible-enum'];
/** The sections in the description of the tag, and text that they contain. */
const SECTIONS: Record<string, (string | RegExp)[]> = {
  'API key': ['CORTEX_API_KEY'],
  'Rate limit': ['Retry-After'],
  Paging: ['not a snapshot'],
  'Tags in templates': ['{{ secrets.my_secret }}'],
  Retries: ['treat 404 as success'],
  Errors: ['The list of types is open', ...[400, 401, 403, 404, 409, 429, 500].map((one) => RegExp(`^${one}\\t`, 'm'))],
  Sources: ['documented in the reference', 'observed in the vendor', 'assumption: the reference'],
};
const sectionPlace = (name: string) => `#/secrets/${name.toLowerCase().replaceAll(' ', '-')}`;
const placeOf = (operation: string) => `#/secrets/${operation.toLowerCase()}`;
/** The samples of an operation. Sections that are scrolled far away are not in the DOM. */
const panelOf = (page: Page, operation: string, what: 'request' | 'response') =>
  page.locator(`[id="secrets/${operation.toLowerCase()}"] .panel-${what}-samples`);
const heading = (page: Page, text: string) => page.locator('main').locator('h1, h2').filter({ hasText: text }).first();

/**
 * @param openPage gives the browser's page
 * @param address of the API reference
 */
export const describeApiPage = (openPage: () => Promise<Page>, address: string) =>
  describe('the API reference', () => {
    /**
     * The one page of all tests, since it has 2.6 MB and takes a second to load. All operations share a choice of language: a
     * test that chooses another one leaves it as it was, TypeScript.
     */
    let shared: Page | undefined;
    let scheme: string | undefined;

    /** Loads the page in a browser whose system is dark, and waits until it is interactive. */
    async function open(): Promise<Page> {
      const page = await openPage();
      await page.emulateMedia({ colorScheme: 'dark' });
      await page.goto(address);
      // Wait for the page's script: the prerendered HTML does not respond to clicks.
      await page.locator('html.light, html.dark').waitFor();
      await page.locator('main h1, main h2').first().waitFor();
      scheme = 'dark';
      return page;
    }

    /** Goes to a location by its link. */
    async function visit(place = '', { colorScheme = 'light', viewport = WIDE }: Setting = {}): Promise<Page> {
      shared ??= await open();
      if (scheme !== colorScheme) await shared.emulateMedia({ colorScheme });
      scheme = colorScheme;
      if (shared.viewportSize()?.width !== viewport.width) await shared.setViewportSize(viewport);
      await shared.evaluate((hash) => {
        location.hash = hash;
        if (hash === '') scrollTo(0, 0);
      }, place);
      return shared;
    }

    test('is dark if the system is, or by the choice in the header, with enough contrast', async () => {
      const page = await visit('', { colorScheme: 'dark' }); // as it was loaded
      expect(await contrast(page)).toBeGreaterThan(7);
      expect(await brightness(page)).toBeLessThan(60);
      await visit();
      await expect.poll(() => brightness(page)).toBeGreaterThan(200);
      await page.getByLabel('Colours').selectOption('dark');
      await expect.poll(() => brightness(page)).toBeLessThan(60);
      expect(await contrast(page)).toBeGreaterThan(7);
      await page.getByLabel('Colours').selectOption('auto');
      await expect.poll(() => brightness(page)).toBeGreaterThan(200);
    });

    test('starts with the base URL, authentication, limits and errors', async () => {
      const page = await visit();
      await expect.poll(() => heading(page, 'Cortex Secrets API (1.0.0)').isVisible()).toBe(true);
      const text = await page.locator('main').innerText();
      for (const words of [
        "The API never returns a secret's value",
        'https://api.getcortexapp.com',
        'Create secrets permission',
        'unofficial',
        'Assumption marks what is not in Cortex',
      ])
        expect(text).toContain(words);
      expect(text.split('\n').length).toBeLessThan(60);
    });

    test('has each operation in its menu, which is open from the start', async () => {
      const page = await visit(); // nothing has been opened yet, except the first screen
      const inMenu = (operation: string) => page.locator(`.menu-content a[href="${placeOf(operation)}"]`);
      for (const operation of names) expect(await inMenu(operation).isVisible(), operation).toBe(true);
      for (const operation of names) {
        await inMenu(operation).click();
        await expect.poll(() => page.url()).toContain(placeOf(operation));
        await expect.poll(() => inView(heading(page, SUMMARIES[operation] ?? ''))).toBe(true);
      }
    });

    test.each(Object.entries(SECTIONS))('the section %s has a link in the menu and of its own', async (name, words) => {
      const place = sectionPlace(name);
      const page = await visit(place);
      await expect.poll(() => inView(heading(page, name))).toBe(true);
      expect(await page.locator(`a[href="${place}"]`).first().isVisible()).toBe(true);
      const text = await page.locator('main').innerText();
      for (const one of words) expect(text).toMatch(one);
    });

    test.each(names)('links %s in the table of the first screen', async (operation) => {
      const page = await visit();
      const link = page.locator(`main table a[href="${placeOf(operation)}"]`).first();
      expect(await inView(link)).toBe(true);
      await link.click();
      await expect.poll(() => inView(heading(page, SUMMARIES[operation] ?? ''))).toBe(true);
    });

    test('has the set-up on the first screen: installation, both variables, a step of a CI job', async () => {
      const page = await visit();
      const blocks = page.locator('main pre');
      const [install, step] = [blocks.nth(0), blocks.nth(1)];
      for (const words of ['npm install cortex-secrets', 'CORTEX_API_KEY', 'CORTEX_BASE_URL'])
        expect(await install.innerText()).toContain(words);
      for (const words of ['npx cortex-secrets update', '--value-env NEW_VALUE', 'env:'])
        expect(await step.innerText()).toContain(words);
      const copied = page.locator('main .text-copy + pre');
      await expect.poll(() => copied.count()).toBe(2);
      for (const block of [install, step]) {
        const { bottom, cut } = await block.evaluate((node) => ({
          bottom: node.getBoundingClientRect().bottom,
          cut: node.scrollWidth - node.clientWidth,
        }));
        expect(bottom).toBeLessThan(900);
        expect(cut).toBe(0);
      }
    });

    test('has the header of the site, which stays when an operation is opened, and the contract to download', async () => {
      const page = await visit(placeOf('deleteSecret'));
      const header = page.locator('.site-header');
      for (const [name, href] of [
        ['Guide', 'guide/getting-started.html'],
        ['Client', 'modules/cortex-secrets.html'],
        ['API', 'api.html'],
        ['Command line', 'guide/cli.html'],
      ] as const)
        expect(await header.getByRole('link', { name, exact: true }).getAttribute('href')).toBe(href);
      await expect.poll(() => inView(heading(page, SUMMARIES.deleteSecret ?? ''))).toBe(true);
      const top = () => header.evaluate((node) => node.getBoundingClientRect().top);
      expect(await page.evaluate(() => scrollY)).toBeGreaterThan(1000);
      expect(await top()).toBe(0);
      // The heading is below the header, not under it.
      await expect
        .poll(() => heading(page, SUMMARIES.deleteSecret ?? '').evaluate((node) => node.getBoundingClientRect().top))
        .toBeGreaterThan(56);
      // The link for those who use the keyboard leads past the header, and not to another place.
      const url = page.url();
      await page.locator('.skip').press('Enter');
      expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('MAIN');
      expect(page.url()).toBe(url);
      await visit();
      for (const name of ['openapi.yaml', 'openapi.json', 'openapi-3.0.json'])
        expect(await page.locator('main').getByRole('link', { name, exact: true }).first().getAttribute('href')).toBe(
          name,
        );
    });

    // What each sample does with each fault: the tests of the site run it as the page does.
    test('runs the TypeScript sample of every operation, and one with a fault', async () => {
      const run = async (operation: string, fault: string) => {
        const page = await visit(placeOf(operation));
        const block = page.locator(`[id="secrets/${operation.toLowerCase()}"] .sample-run`);
        await block.locator('select').selectOption(fault);
        await block.locator('.run-button').click();
        await block.locator('.run-output:is([data-state="done"], [data-state="thrown"])').waitFor();
        const cells = block.locator('.run-output td:nth-child(3) span:not([role])');
        return [await block.locator('.run-output').getAttribute('data-state'), ...(await cells.allTextContents())];
      };
      for (const operation of names) expect(await run(operation, ''), operation).toEqual(['done', '200']);
      expect(await run('updateSecret', 'lost')).toEqual(['done', 'no response: ECONNRESET', '200']);
      const options = (await visit(placeOf('updateSecret'))).locator('[id="secrets/updatesecret"] .sample-run option');
      const faults = await options.evaluateAll((all) => all.map((one) => one.getAttribute('value')));
      expect(faults).toEqual(FAULTS);
    });

    test('has no link that is a path: a static host serves the page anywhere', async () => {
      const links: string[] = [];
      for (const place of ['', '#/secrets', ...names.map(placeOf), ...Object.keys(SECTIONS).map(sectionPlace)]) {
        const page = await visit(place);
        await expect.poll(() => page.locator('main a').count()).toBeGreaterThan(0);
        links.push(
          ...(await page.locator('a[href]').evaluateAll((all) => all.map((one) => one.getAttribute('href') as string))),
        );
      }
      const html = await readFile(fileURLToPath(address), 'utf8');
      const [prerendered = ''] = html.slice(html.indexOf('<body')).split('__redoc_definition');
      links.push(...[...prerendered.matchAll(/<a [^>]*href="([^"]*)"/g)].map(([, link]) => link as string));
      expect(links.length).toBeGreaterThan(100);
      expect(links.filter((link) => !/^(#|https:)|\.(html|yaml|json)$/.test(link) || link.startsWith('/'))).toEqual([]);
    });

    test('shows code for another language than the payload without a choice of examples, which would not change it', async () => {
      const page = await visit(placeOf('updateSecret'));
      const panel = panelOf(page, 'updateSecret', 'request');
      const example = panel.getByRole('button', { name: 'Example' });
      expect(await example.isVisible()).toBe(false);
      await panel.getByRole('button', { name: 'TypeScript', exact: true }).click();
      await choose(page, 'Payload');
      await example.click();
      await choose(page, 'A new name');
      expect(await panel.locator('pre').innerText()).toContain('Main secret');
      for (const [before, language] of [
        ['Payload', 'TypeScript'],
        ['TypeScript', 'curl'],
        ['curl', 'Python'],
      ] as const) {
        await panel.getByRole('button', { name: before, exact: true }).click();
        await choose(page, language);
        await expect.poll(() => example.isVisible()).toBe(false);
      }
      await panel.getByRole('button', { name: 'Python', exact: true }).click();
      await choose(page, 'TypeScript');
    });

    test('lists every error type', async () => {
      const page = await visit(sectionPlace('Errors'));
      await expect.poll(() => inView(heading(page, 'Errors'))).toBe(true);
      const text = await page.locator('main').innerText();
      const types = ERROR_TYPES.filter((one) => new RegExp(`(?<!\\w)${one}(?!\\w)`).test(text));
      expect(types).toHaveLength(30);
    });

    test('shows code beside its copy button, not under it, at 390 px', async () => {
      for (const operation of names) {
        const page = await visit(placeOf(operation), NARROW);
        const panel = panelOf(page, operation, 'request');
        const boxes = await panel.evaluate((node) => {
          const box = (selector: string) => node.querySelector(selector)?.getBoundingClientRect().toJSON();
          return [box('.code-block-header button'), box('pre')];
        });
        const [button, code] = boxes;
        expect(button.height, operation).toBeGreaterThan(10);
        expect(button.bottom, operation).toBeLessThanOrEqual(code.top);
      }
    });

    test.each(names)(
      'opens %s by its link, with its samples: TypeScript first, then curl and Python',
      async (operation) => {
        const page = await visit(placeOf(operation));
        await expect.poll(() => inView(heading(page, SUMMARIES[operation] ?? ''))).toBe(true);
        const panel = panelOf(page, operation, 'request');
        const name = operation.replace(/Secrets?$/, '');
        const shows = async (file: string) => {
          const code = (await sample(file)).trim();
          const pre = panel.locator('pre').first();
          await expect.poll(async () => (await pre.innerText()).trim()).toBe(code);
          expect(await pre.evaluate((node) => node.scrollWidth - node.clientWidth), `${file} fits`).toBe(0);
        };
        await shows(`${name}.ts`);
        let current = 'TypeScript';
        for (const [language, file] of [
          ['curl', `${name}.sh`],
          ['Python', `${name}.py`],
        ] as const) {
          await panel.getByRole('button', { name: current, exact: true }).click();
          await choose(page, language);
          await shows(file);
          current = language;
        }
        await panel.getByRole('button', { name: current, exact: true }).click();
        await choose(page, 'TypeScript');
      },
    );

    test('shows every named example of a request', async () => {
      for (const operation of ['createSecret', 'updateSecret']) {
        const page = await visit(placeOf(operation));
        const panel = panelOf(page, operation, 'request');
        await panel.getByRole('button', { name: 'TypeScript', exact: true }).click();
        await choose(page, 'Payload');
        const examples = examplesOf(operations.get(operation)?.requestBody).map(([, example]) => example);
        expect(await shownExamples(panel, examples)).toEqual(examples.map(({ value }) => value));
        await panel.getByRole('button', { name: 'Payload', exact: true }).click();
        await choose(page, 'TypeScript');
      }
    });

    test.each(names)('shows every named example of a response to %s', async (operation) => {
      const page = await visit(placeOf(operation));
      const panel = panelOf(page, operation, 'response');
      for (const [status, response] of Object.entries(operations.get(operation)?.responses ?? {})) {
        const examples = examplesOf(response).map(([, example]) => example);
        await panel.getByRole('button', { name: status, exact: true }).click();
        // Of an unexpected status a fault of the server comes first.
        if (status === 'default') {
          const text = async () => (await panel.innerText()).replaceAll(/\s+/g, ' ');
          await expect.poll(text).toContain('A fault in Cortex');
          expect(await text()).not.toMatch(/tag is taken|already exists/);
        }
        expect(await shownExamples(panel, examples), status).toEqual(examples.map(({ value }) => value));
      }
    });

    test('has no serious axe violations of its own, light or dark, with the output of a run', async () => {
      // Sections far from the place are not in the document before they have been shown.
      for (const operation of names) {
        const page = await visit(placeOf(operation));
        await expect.poll(() => inView(page.locator(`[id="secrets/${operation.toLowerCase()}"]`).first())).toBe(true);
      }
      const page = await visit(placeOf('deleteSecret'));
      await page.locator('.sample-run .run-button').last().click();
      await page.locator('.run-output[data-state="done"]').last().waitFor();
      const serious = await seriousViolations(page);
      // A place changes the colours of its entry in the menu: all entries get those of the current one.
      const entries = await page.evaluate(() => {
        const all = [...document.querySelectorAll('.menu-content [data-testid="menu-item-label"]')];
        const current = all.find((node) => node.getAttribute('data-active') === 'true');
        for (const node of all) {
          node.setAttribute('data-own', node.className);
          node.className = current?.className ?? '';
        }
        return all.length;
      });
      expect(entries).toBeGreaterThan(10);
      serious.push(...(await seriousViolations(page, COLOUR_RULES, '.menu-content')));
      await visit(placeOf('deleteSecret'), { colorScheme: 'dark' });
      await expect.poll(() => brightness(page)).toBeLessThan(60);
      serious.push(...(await seriousViolations(page, COLOUR_RULES)));
      await page.evaluate(() => {
        for (const node of document.querySelectorAll('[data-own]'))
          node.className = node.getAttribute('data-own') ?? '';
      });
      expect(serious.filter(({ id }) => !REDOC_VIOLATIONS.includes(id))).toEqual([]);
    });

    test('fits into 390 px, and its menu opens', async () => {
      for (const place of ['', '#/secrets/errors', '#/secrets/sources', ...names.map(placeOf)]) {
        const page = await visit(place, NARROW);
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
        expect(await cutOff(page), place).toEqual([]);
        if (place) continue;
        await page.getByRole('button', { name: 'Open navigation menu' }).click();
        await expect.poll(() => inView(page.getByRole('link', { name: 'Secrets', exact: true }).first())).toBe(true);
      }
    });
  });

/** Rules that Redoc's own markup breaks: its dropdown of examples is labelled "Example", but shows the example's name. */
const REDOC_VIOLATIONS = ['label-content-name-mismatch'];

const inView = (element: Locator) =>
  element.evaluate((node) => {
    const { top, bottom } = node.getBoundingClientRect();
    return bottom > 0 && top < window.innerHeight;
  });

/** Clicks an entry of the open menu. */
const choose = (page: Page, name: string) =>
  page.getByRole('menuitem', { name, exact: true }).filter({ visible: true }).click();

/** The examples that a panel shows, one after the other. */
async function shownExamples(panel: Locator, examples: { summary: string }[]): Promise<unknown[]> {
  const values: unknown[] = [];
  for (const { summary } of examples) {
    if (examples.length > 1) {
      await panel.getByRole('button', { name: 'Example' }).click();
      await choose(panel.page(), summary);
    }
    const expand = panel.getByRole('button', { name: 'Expand all' });
    if (await expand.isVisible()) await expand.click();
    values.push(JSON.parse(await panel.locator('pre').innerText()));
  }
  return values;
}

/** The brightness of the page's background, from 0 to 255. */
const brightness = (page: Page) =>
  page.evaluate(() => {
    for (let node: Element | null = document.querySelector('main h1'); node; node = node.parentElement) {
      const [red = 0, green = 0, blue = 0, alpha = 1] = (
        getComputedStyle(node).backgroundColor.match(/[\d.]+/g) ?? []
      ).map(Number);
      if (alpha > 0) return (red + green + blue) / 3;
    }
    return 255;
  });

/** The contrast of the text with its background (WCAG 2.2, 1.4.3). */
const contrast = async (page: Page) => {
  const background = await brightness(page);
  const text = await page.evaluate(() => {
    const channels = getComputedStyle(document.querySelector('main p') as Element).color.match(/[\d.]+/g) ?? [];
    return channels.slice(0, 3).reduce((sum, channel) => sum + Number(channel), 0) / 3;
  });
  const luminance = (grey: number) => ((grey / 255 + 0.055) / 1.055) ** 2.4;
  const [low = 0, high = 0] = [luminance(background), luminance(text)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
};

/** Texts that overflow the screen and are not in a scroll container. */
const cutOff = (page: Page) =>
  page.evaluate(() =>
    [...document.querySelectorAll('main *')]
      .filter((node) => node.children.length === 0 && node.textContent?.trim())
      .filter((node) => {
        const { right, left, width } = node.getBoundingClientRect();
        if (width === 0 || (right <= window.innerWidth && left >= 0)) return false;
        for (let at: Element | null = node; at; at = at.parentElement) {
          if (/auto|scroll/.test(getComputedStyle(at).overflowX)) return false;
        }
        return true;
      })
      .map((node) => node.textContent?.slice(0, 60)),
  );
