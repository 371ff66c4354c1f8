/** The docs site in a real Chromium, from files with the network disabled, and from a static server under a path. */
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, posix } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { findChromium, launchChromium } from '../../scripts/lib/browser.js';
import { buildDocs } from '../../scripts/lib/docs/docs.js';
import { guideFiles } from '../../scripts/lib/docs/guide-files.js';
import type { Run } from '../../scripts/lib/docs/run/sandbox.js';
import { type Entry, rank } from '../../scripts/lib/docs/search/rank.js';
import { serveFolder } from '../../scripts/lib/docs/serve.js';
import { describeApiPage, FAULTS } from './api-page.js';
import { COLOUR_RULES, seriousViolations } from './axe.js';

/** What a page of the guide may weigh, with all that it loads before the first click on Run or Search. */
const MAX_BYTES = 150_000;
/** What the first click on Run may load, compressed. */
const MAX_RUN_BYTES = 70_000;

const folder = await mkdtemp(join(tmpdir(), 'cortex-secrets-site-'));
// The API reference has tests of its own: api-page.ts.
const { pages } = await buildDocs(folder);
const guidePages = pages.filter((path) => path !== 'api.html');
afterAll(() => rm(folder, { recursive: true }));

const read = (path: string) => readFile(join(folder, path), 'utf8');
const texts = new Map(await Promise.all(pages.map(async (path) => [path, await read(path)] as const)));
const addressOf = (path: string) => pathToFileURL(join(folder, path)).href;
/** Pages with a Run button. */
const runnable = guidePages.filter((path) => texts.get(path)?.includes(' data-run'));

const decode = (html: string) =>
  html
    .replaceAll(/<[^>]*>/g, '')
    .replaceAll(
      /&(lt|gt|quot|#39|amp);/g,
      (_, name) => ({ lt: '<', gt: '>', quot: '"', '#39': "'" })[name as string] ?? '&',
    );

interface Block {
  path: string;
  code: string;
}
/** The blocks of a page that run, as the page compiles them. */
const blocksIn = (path: string): Block[] =>
  [
    ...(texts.get(path) ?? '').matchAll(
      /<div class="code" data-run((?: [\w-]+="[^"]*")*)><pre[^>]*>([\s\S]*?)<\/pre>/g,
    ),
  ].map(([, data = '', pre = '']) => ({ path, code: decode(/data-js="([^"]*)"/.exec(data)?.[1] ?? pre) }));
const apiSamples = (): Promise<Block[]> =>
  Promise.all(
    ['list', 'create', 'get', 'update', 'delete'].map(async (name) => ({
      path: `api.html ${name}`,
      code: await readFile(new URL(`../../spec/samples/${name}.ts`, import.meta.url), 'utf8'),
    })),
  );
/** Such code has no menu: it brings its own faults. */
const hasOwnCortex = (code: string) => code.includes('cortex-secrets/testing') || /\bcortex\./.test(code);

/** Runs a block as the worker of a page does, with the globals of Node. */
const page = {} as { cortexProgram: () => void };
new Function('window', await read('assets/run.js'))(page);
const program = new Function('self', 'navigator', `(${page.cortexProgram})()`);
const executeBlock = (code: string, fault: string) =>
  new Promise<Run>((resolve) => {
    const postMessage = (run: Run) => run.isDone && resolve(run);
    const self = Object.create(globalThis, { postMessage: { value: postMessage } });
    program(self, {});
    self.onmessage({ data: { code, fault } });
  });

describe('the files of the site', () => {
  const ids = new Map(
    [...texts].map(([path, html]) => [path, new Set([...html.matchAll(/\bid="([^"]+)"/g)].map(([, id]) => id))]),
  );

  test('every page links only to files and anchors that exist', async () => {
    for (const path of guidePages) {
      const html = (texts.get(path) ?? '').replace(/<script type="text\/markdown"[\s\S]*?<\/script>/, '');
      const targets = [...html.matchAll(/<(?:a|link|script|img)\b[^>]*?\b(?:href|src)="([^"]*)"/g)].map(([, target]) =>
        (target as string).replaceAll('&amp;', '&'),
      );
      expect(targets.length, path).toBeGreaterThan(5);
      for (const target of targets) {
        if (/^(https|data|mailto):/.test(target)) continue;
        expect(target, `${path}: is relative`).not.toMatch(/^(\/|[a-z]+:)/);
        const [file = '', anchor] = target.split('#');
        const at = file ? posix.join(posix.dirname(path), file) : path;
        if (!texts.has(at)) expect((await stat(join(folder, at))).isFile(), `${path}: ${target}`).toBe(true);
        if (anchor && at !== 'api.html' && at.endsWith('.html') && !ids.get(at)?.has(decodeURIComponent(anchor)))
          throw new Error(`${path}: ${target} leads nowhere`);
      }
    }
  });

  test('every page of the guide stands beside its HTML as Markdown, with links that exist, and in llms.txt', async () => {
    const llms = await read('llms.txt');
    for (const path of guidePages.filter((one) => one.startsWith('guide/'))) {
      const file = path.replace(/html$/, 'md');
      expect(llms).toContain(`](${file}): `);
      const markdown = await read(file);
      expect(markdown, file).toMatch(/^# \S/);
      for (const [, target = ''] of markdown.matchAll(/\]\(([^)\s]+)\)/g)) {
        if (/^(https?:|#)/.test(target)) continue;
        const at = posix.join('guide', target.split('#')[0] as string);
        await expect(stat(join(folder, at)), `${file}: ${target}`).resolves.toBeDefined();
      }
    }
    for (const [, target = ''] of llms.matchAll(/\]\(([^)\s]+)\)/g))
      await expect(stat(join(folder, target)), target).resolves.toBeDefined();
  });

  test('every page has the same style and script, and the header with the four parts', () => {
    for (const path of pages) {
      const html = texts.get(path) ?? '';
      const up = '../'.repeat(path.split('/').length - 1);
      for (const target of ['guide/getting-started.html', 'modules/cortex-secrets.html', 'api.html', 'guide/cli.html'])
        expect(html, path).toContain(`href="${up}${target}"`);
      if (path === 'api.html') continue; // one file
      const assets = [...html.matchAll(/(?:src|href)="([^"]*assets[^"]*)"/g)].map(([, target]) => target);
      expect(assets, path).toEqual([`${up}assets/site.css`, `${up}assets/site.js`]);
    }
  });

  test('a page weighs at most 150 kB with all that it loads, and the first click on Run at most 70 kB, compressed', async () => {
    const assets =
      (await stat(join(folder, 'assets/site.css'))).size + (await stat(join(folder, 'assets/site.js'))).size;
    const [path, bytes] = guidePages
      .map((one) => [one, assets + Buffer.byteLength(texts.get(one) ?? '')] as const)
      .reduce((heaviest, one) => (one[1] > heaviest[1] ? one : heaviest));
    expect(bytes, path).toBeLessThan(MAX_BYTES);
    console.log(`the site: ${guidePages.length} pages, the heaviest ${path} with ${bytes} bytes`);
    expect(gzipSync(await read('assets/run.js')).length).toBeLessThan(MAX_RUN_BYTES);
  });

  test('every block that runs ends without an error, and with each fault as the client promises', async () => {
    const blocks = [...runnable.flatMap((path) => blocksIn(path)), ...(await apiSamples())];
    expect(blocks.length).toBeGreaterThan(25);
    const all = await Promise.all(
      blocks.flatMap((block) =>
        FAULTS.map(async (fault) => {
          const run = await executeBlock(block.code, fault);
          const statuses = run.exchanges.map(({ status, failure }) => String(status ?? failure));
          return { ...block, ...run, fault, statuses };
        }),
      ),
    );
    const thrown = all.filter(({ error }) => error !== undefined);
    // Without a fault none; with one only the error of this package, which says what became of the request.
    const unexpected = thrown.filter(
      ({ fault, error = '' }) =>
        ['', 'slow', 'changing'].includes(fault) || !/^(ApiError|ConnectionError|Error): /.test(error),
    );
    expect(unexpected.map(({ path, fault, error }) => [path, fault, error])).toEqual([]);
    const sends = all.filter(({ code, statuses }) => !hasOwnCortex(code) && statuses.length > 0);
    for (const [fault, status] of [
      ['throttled', '429'],
      ['unavailable', '503'],
      ['lost', 'ECONNRESET'],
    ]) {
      const some = sends.filter((one) => one.fault === fault);
      expect(new Set(some.map(({ statuses }) => statuses[0])), fault).toEqual(new Set([status]));
      expect(
        some.filter(({ exchanges }) => exchanges.some(({ retryInMs }) => retryInMs !== undefined)).length,
      ).toBeGreaterThan(5);
    }
    // No value is shown.
    expect(
      all.filter((run) => /old value|fake-api-key/.test(JSON.stringify([run.prints, run.error, run.stored]))),
    ).toEqual([]);
    for (const operation of ['list', 'create', 'get', 'update', 'delete']) {
      const ends = Object.fromEntries(
        all
          .filter(({ path }) => path === `api.html ${operation}`)
          .map(({ fault, error, statuses }) => [
            fault,
            [...(error === undefined ? [] : ['throws']), ...statuses].join(' '),
          ]),
      );
      // A create is not sent again: it may have been processed. A delete that is repeated finds nothing.
      const isCreate = operation === 'create';
      const lost = { create: 'throws ECONNRESET', delete: 'ECONNRESET 404' }[operation] ?? 'ECONNRESET 200';
      expect(ends, operation).toMatchObject({
        '': '200',
        throttled: '429 200',
        unavailable: isCreate ? 'throws 503' : '503 503 200',
        lost,
        slow: '200',
      });
    }
  });

  test('the contract stands beside the API reference, as the package has it', async () => {
    for (const name of ['openapi.yaml', 'openapi.json', 'openapi-3.0.json']) {
      const generated = fileURLToPath(new URL(`../../generated/${name}`, import.meta.url));
      expect(await read(name)).toBe(await readFile(generated, 'utf8'));
    }
  });

  let index: Entry[] | undefined;
  test.each([
    ['rotate', 'guide/rotate-from-ci.html'],
    ['429', 'guide/rate-limits.html'],
    ['rate limit', 'guide/rate-limits.html'],
    ['exit code', 'guide/cli.html#exit-codes'],
    ['limiter', 'guide/rate-limits.html'],
    ['jest', 'guide/jest.html'],
    ['pageSize', 'api.html#/secrets/listsecrets'],
    ['outcome', 'guide/errors.html'],
    ['proxy', 'guide/networks.html'],
    ['dry run', 'guide/bulk.html'],
    ['opentelemetry', 'guide/logging.html'],
    ['maxRetryAfterMs', 'interfaces/cortex-secrets.RetryOptions.html#maxretryafterms'],
    ['createFakeCortex', 'functions/cortex-secrets_testing.createFakeCortex.html'],
    ['plugin', 'guide/plugins.html'],
    ['docker', 'guide/mock.html#docker'],
    ['deadline', 'guide/retries.html'],
    ['delete a secret', 'api.html#/secrets/deletesecret'],
    ['vitest', 'guide/testing.html'],
  ])('the search for "%s" finds %s first', async (query, expected) => {
    index ??= JSON.parse((await read('assets/search.js')).replace(/^siteSearch=/, '')) as Entry[];
    const found = rank(index, query).map(({ entry }) => entry.url);
    const [page] = expected.split('#');
    // A section of the page that is wanted is right too.
    expect(expected.includes('#') ? found[0] : found[0]?.split('#')[0], found.slice(0, 5).join(' ')).toBe(
      expected.includes('#') ? expected : page,
    );
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
    expect(network, 'makes no network requests').toEqual([]);
    expect(messages, 'the console is empty').toEqual([]);
  });

  /** The page of all tests: a context costs more than a second. */
  let shared: Page | undefined;
  const sharedPage = async (size = { width: 1280, height: 900 }) => {
    shared ??= await newPage();
    await shared.setViewportSize(size);
    await shared.emulateMedia({ colorScheme: 'light', media: 'screen' });
    return shared;
  };

  async function newPage(): Promise<Page> {
    const context = await browser.newContext({ offline: true });
    context.on('request', (request) => requests.push(request.url()));
    context.setDefaultTimeout(30_000);
    context.on('weberror', (error) => consoleMessages.push(error.error().message));
    context.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) consoleMessages.push(message.text());
    });
    return context.newPage();
  }

  /** Of each kind of page the largest. */
  const visited = guidePages
    .toSorted((one, other) => (texts.get(other)?.length ?? 0) - (texts.get(one)?.length ?? 0))
    .filter((path, i, all) => all.findIndex((other) => posix.dirname(other) === posix.dirname(path)) === i);

  /** Presses every Run button of a page with this fault (undefined: the one that the page chooses), and waits for the ends. */
  const runAll = (page: Page, fault?: string) =>
    page.evaluate(async (chosen) => {
      const blocks = [...document.querySelectorAll<HTMLElement>('.code[data-run]')];
      for (const block of blocks) {
        const select = block.querySelector('select');
        if (select && chosen !== undefined) select.value = chosen;
        block.querySelector<HTMLElement>('.run-button')?.click();
      }
      const isDone = (block: HTMLElement) =>
        ['done', 'thrown'].includes(block.querySelector<HTMLElement>('.run-output')?.dataset.state ?? '');
      const end = Date.now() + 60_000;
      do await new Promise((resolve) => setTimeout(resolve, 20));
      while (!blocks.every(isDone) && Date.now() < end);
      return blocks.map((block) => ({
        code: block.querySelector('pre')?.textContent?.slice(0, 200) ?? '',
        hasMenu: block.querySelector('select') !== null,
        isDone: isDone(block),
        thrown: block.querySelector('.thrown')?.textContent ?? '',
        statuses: [
          ...block.querySelectorAll('.run-output td:nth-child(3) .success, .run-output td:nth-child(3) .failure'),
        ].map((node) => node.textContent ?? ''),
        isRetried: block.querySelector('.run-output')?.textContent?.includes('retried after') ?? false,
        text: block.querySelector<HTMLElement>('.run-output')?.innerText ?? '',
      }));
    }, fault);

  test('every block of every page ends without an error in a worker of the browser', async () => {
    for (const path of ['index', 'guide/retries', 'guide/testing', 'interfaces/cortex-secrets.SecretsMethods'])
      expect(runnable).toContain(`${path}.html`);
    expect(runnable.length).toBeGreaterThan(12);
    const page = await sharedPage();
    await page.goto(addressOf('index.html'));
    await page.addScriptTag({ url: 'assets/run.js' });
    const blocks = runnable.flatMap((path) => blocksIn(path));
    // As a page does, but all in one worker, whose start takes longer than what it runs.
    const ends = await page.evaluate(
      async (codes) => {
        const { cortexProgram } = window as unknown as { cortexProgram: () => void };
        const run = (program: (self: Worker) => void) => {
          const all = (data: string[]) =>
            data.map(
              (code) =>
                new Promise((resolve) => {
                  const postMessage = (ran: Run) => ran.isDone && resolve(ran.error ?? 'done');
                  const scope = Object.create(self, {
                    postMessage: { value: postMessage },
                    onmessage: { writable: true },
                  });
                  program(scope);
                  scope.onmessage({ data: { code, fault: '' } });
                }),
            );
          self.onmessage = async ({ data }) => self.postMessage(await Promise.all(all(data)));
        };
        const source = `(${run})((self) => (${cortexProgram})())`;
        const worker = new Worker(URL.createObjectURL(new Blob([source])));
        worker.postMessage(codes);
        return new Promise((resolve) => {
          worker.onmessage = ({ data }) => resolve(data);
        });
      },
      blocks.map(({ code }) => code),
    );
    expect(ends).toEqual(blocks.map(() => 'done'));
  });

  test('the Run buttons of each kind of page end without an error, and the page on retries shows retries', async () => {
    const page = await sharedPage();
    for (const path of ['guide/testing', 'interfaces/cortex-secrets.SecretsMethods']) {
      await page.goto(addressOf(`${path}.html`));
      const all = await runAll(page, '');
      expect(all.filter(({ isDone, thrown }) => !isDone || thrown !== '')).toEqual([]);
      expect(all).toHaveLength(blocksIn(`${path}.html`).length);
    }
    await page.goto(addressOf('guide/retries.html'));
    // With the fault that the page chooses.
    expect((await runAll(page)).some(({ isRetried }) => isRetried)).toBe(true);
  });

  test('a program without end is stopped by the reader, and leaves the page as it was', async () => {
    const page = await sharedPage();
    await page.goto(addressOf('guide/getting-started.html'));
    const block = page.locator('.code[data-run]').first();
    const [button, output] = [block.locator('.run-button'), block.locator('.run-output')];
    await block.getByRole('button', { name: 'Edit' }).click();
    for (const [code, shown] of [
      ["console.log('before'); for (;;) {}", /before\nStopped: by you/],
      ['for (let i = 0; ; i++) console.log(i);', /99\n\.\.\. and \d+ more\nStopped: by you/],
      ['for (;;) await secrets.list();', /Stopped: by you[\s\S]*\/api\/v1\/secrets/],
    ] as const) {
      await block.getByRole('textbox').fill(code);
      await button.click();
      await expect.poll(() => output.innerText()).toMatch(/before|99|secrets/);
      expect(await button.innerText()).toBe('Stop');
      await button.click();
      expect(await output.innerText()).toMatch(shown);
      expect(await button.innerText()).toBe('Run');
    }
    await block.getByRole('textbox').fill("console.log('as before');");
    await button.click();
    await block.locator('.run-output[data-state="done"]').getByText('as before').waitFor();
  });

  test('code can be edited, run again, and reset, by keyboard alone; a mistake is shown', async () => {
    const page = await sharedPage();
    await page.goto(addressOf('guide/getting-started.html'));
    const block = page.locator('.code[data-run]').first();
    await block.locator('.run-button').focus();
    await page.keyboard.press('Enter');
    const output = block.locator('.run-output');
    await output.getByText('Cortex holds afterwards').waitFor();
    expect(await output.innerText()).toContain('db_password');
    await page.keyboard.press('Tab'); // the menu
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    const editor = block.getByRole('textbox', { name: 'Code to run' });
    await expect.poll(() => editor.evaluate((node) => node === document.activeElement)).toBe(true);
    await page.keyboard.press('Control+A');
    await page.keyboard.insertText(
      "import { createSecretsClient, type Secret } from 'cortex-secrets';\n" +
        'const secrets = createSecretsClient();\nconsole.log({ page: await secrets.list() }, [1, null]);\nawait secrets.get("gone");',
    );
    await page.keyboard.press('Control+Enter');
    await expect.poll(() => output.innerText()).toContain("tag: 'my-secret'");
    await expect.poll(() => output.innerText()).toMatch(/Throws ApiError: secrets\.get\("gone"\): 404 NOT_FOUND/);
    await page.keyboard.press('Control+A');
    await page.keyboard.insertText("import { Agent } from 'undici';\nawait fetch('https://example.com/');");
    await page.keyboard.press('Control+Enter');
    await expect.poll(() => output.innerText()).toContain('the page has no undici; it has cortex-secrets');
    await page.keyboard.press('Control+A');
    await page.keyboard.insertText('const = 1');
    await page.keyboard.press('Control+Enter');
    await expect.poll(() => output.innerText()).toContain('Throws SyntaxError');
    await block.getByRole('button', { name: 'Reset' }).press('Enter');
    expect(await editor.count()).toBe(0);
    expect(await output.count()).toBe(0);
    expect(await block.locator('pre').isVisible()).toBe(true);
    // Code with types is edited without them: a page can't compile.
    await page.goto(addressOf('guide/rate-limits.html'));
    const typed = page.locator('.code[data-js]').first();
    await typed.getByRole('button', { name: 'Edit' }).click();
    const code = await typed.getByRole('textbox').inputValue();
    expect(code).toContain('createSecretsClient({ limiter })');
    expect(code).not.toContain(': Limiter');
    await page.keyboard.press('Control+Enter');
    await typed.locator('.run-output[data-state="done"]').waitFor();
    expect(await typed.locator('.run-output').innerText()).toContain('/api/v1/secrets?page=0');
  });

  test('each kind of page opens from its file, and its navigation on a narrow screen by a button', async () => {
    const page = await sharedPage({ width: 390, height: 844 });
    for (const path of visited) {
      await page.goto(addressOf(path));
      expect(await page.evaluate(() => document.documentElement.scrollWidth), path).toBe(390);
    }
    // The navigation opens by its button, and closes by Escape.
    await page.goto(addressOf('guide/errors.html'));
    expect(await page.locator('#site-nav').isVisible()).toBe(false);
    await page.getByRole('button', { name: 'Menu' }).press('Enter');
    expect(await page.locator('#site-nav').getByRole('link', { name: 'Retries' }).isVisible()).toBe(true);
    await page.keyboard.press('Escape');
    expect(await page.locator('#site-nav').isVisible()).toBe(false);
  });

  test('the text of every page fits into 390 px', async () => {
    const page = await sharedPage({ width: 390, height: 844 });
    await page.goto(addressOf('guide/errors.html'));
    // In one page, one after the other: to load a page takes 50 times as long.
    const widths = await page.evaluate(
      (all) =>
        all.map(([path, html]) => {
          const text = new DOMParser().parseFromString(html, 'text/html').querySelector('main') as Element;
          document.querySelector('main')?.replaceWith(document.importNode(text, true));
          return [path, document.documentElement.scrollWidth];
        }),
      guidePages.map((path) => [path, texts.get(path) as string] as const),
    );
    expect(widths).toEqual(guidePages.map((path) => [path, 390]));
  });

  test('88 characters of code fit at 1280 px, no code wraps, and each block has a button that copies it', async () => {
    const page = await sharedPage();
    await page.goto(addressOf('guide/getting-started.html'));
    const seen = await page.evaluate(() => {
      const blocks = [...document.querySelectorAll<HTMLElement>('.code')];
      const [pre] = blocks.map((block) => block.querySelector('pre') as HTMLElement);
      const code = pre?.querySelector('code') as HTMLElement;
      code.textContent = 'x'.repeat(88);
      const fits = (pre as HTMLElement).scrollWidth <= (pre as HTMLElement).clientWidth;
      code.textContent = 'x '.repeat(200);
      return {
        fits,
        scrolls: (pre as HTMLElement).scrollWidth > (pre as HTMLElement).clientWidth,
        oneLine: code.getClientRects().length === 1,
        all: blocks.length === document.querySelectorAll('main pre').length,
        buttons: blocks.every((block) => block.querySelector('.copy-button')),
      };
    });
    expect(seen).toEqual({ fits: true, scrolls: true, oneLine: true, all: true, buttons: true });
  });

  test('the Tab key stops at what scrolls, and at no other block or table', async () => {
    const page = await sharedPage({ width: 390, height: 844 });
    await page.goto(addressOf('guide/errors.html'));
    const stops = () =>
      page.evaluate(() => {
        const all = [...document.querySelectorAll('main :is(pre, .table)')];
        const wrong = all.filter((node) => node.scrollWidth > node.clientWidth !== node.hasAttribute('tabindex'));
        return {
          stops: all.filter((node) => node.hasAttribute('tabindex')).length,
          all: all.length,
          wrong: wrong.length,
        };
      });
    await expect.poll(async () => (await stops()).wrong).toBe(0);
    const narrow = await stops();
    expect(narrow.stops).toBeGreaterThan(0);
    await page.setViewportSize({ width: 1280, height: 900 });
    await expect.poll(async () => (await stops()).wrong).toBe(0);
    expect((await stops()).stops).toBeLessThan(narrow.stops);
  });

  test('copies a block as it is printed, and the page as Markdown', async () => {
    const page = await sharedPage();
    await page.goto(addressOf('guide/getting-started.html'));
    // What is copied, whatever the machine lets a page read of its clipboard.
    await page.evaluate(() => {
      const copied: string[] = [];
      Object.assign(window, { copied });
      Object.defineProperty(navigator, 'clipboard', {
        value: { writeText: async (text: string) => copied.push(text) },
      });
    });
    const copied = () => page.evaluate(() => (window as unknown as { copied: string[] }).copied.at(-1));
    const block = page.locator('.code[data-run]').first();
    await block.getByRole('button', { name: 'Copy' }).click();
    const source = await readFile(new URL('../../docs/getting-started.md', import.meta.url), 'utf8');
    await expect.poll(copied).toMatch(/^import .*;\n/);
    expect(source).toContain(await copied());
    await page.getByRole('button', { name: 'Copy page as Markdown' }).click();
    await expect.poll(copied).toBe(await read('guide/getting-started.md'));
  });

  test('no page has serious axe violations, light or dark, with the output of runs, which fits, and the search open', async () => {
    const page = await sharedPage();
    const expectFit = async () => {
      // 640: 1280 px at 200 %
      for (const width of [390, 640]) {
        await page.setViewportSize({ width, height: 450 });
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
      }
      await sharedPage();
    };
    // What all pages share, once.
    await page.goto(addressOf('index.html'));
    await runAll(page, 'throttled');
    await expectFit();
    expect(await seriousViolations(page)).toEqual([]);
    const kinds = visited.filter((path) => !['.', 'guide'].includes(posix.dirname(path)));
    expect(kinds.length).toBeGreaterThan(4);
    // The text of one page of each kind in one document, since a run of axe costs more than what it looks at: each colour of
    // code of the guide once, and the first rows of a table.
    await page.goto(addressOf('guide/retries.html'));
    await runAll(page, 'unavailable');
    await expectFit();
    const checked = await page.evaluate(
      (all) => {
        const column = document.querySelector('main') as Element;
        const parser = new DOMParser();
        const kept = [...column.children];
        const colours = new Set<string>();
        const sections = all.map(([html, isWhole]) => {
          const content = parser.parseFromString(html, 'text/html').querySelector('main') as Element;
          if (!isWhole) content.replaceChildren(...content.querySelectorAll('.code'));
          for (const details of content.querySelectorAll('details')) details.open = true;
          for (const row of content.querySelectorAll('tr:nth-child(n + 4)')) row.remove();
          for (const span of content.querySelectorAll('.code span'))
            if (colours.has(span.className)) span.remove();
            else colours.add(span.className);
          const section = document.createElement('section');
          section.append(...document.importNode(content, true).children);
          for (const code of section.querySelectorAll('.code')) if (!code.querySelector('span')) code.remove();
          return section;
        });
        column.append(...sections);
        return { sections: column.children.length - kept.length, colours: colours.size };
      },
      guidePages
        .filter((path) => kinds.includes(path) || path.startsWith('guide/'))
        .map((path) => [texts.get(path) as string, kinds.includes(path)] as const),
    );
    expect(checked.sections).toBeGreaterThan(kinds.length);
    expect(checked.colours).toBeGreaterThan(8);
    // The pages have one id each; together they don't.
    const rules = [
      ...COLOUR_RULES,
      'scrollable-region-focusable',
      'nested-interactive',
      'link-name',
      'button-name',
      'list',
    ];
    expect(await seriousViolations(page, rules, 'main'), 'light').toEqual([]);
    await page.emulateMedia({ colorScheme: 'dark' });
    expect(await seriousViolations(page, COLOUR_RULES), 'dark').toEqual([]);
    await page.keyboard.press('Control+K');
    await page.getByRole('combobox', { name: 'Search the docs' }).fill('retry');
    await page.locator('#search-results a').first().waitFor();
    expect(await seriousViolations(page, undefined, '.search-dialog')).toEqual([]);
  });

  test('the search opens by Ctrl+K and by its button, is used by keyboard, and leads into every part', async () => {
    const page = await sharedPage();
    await page.goto(addressOf('guide/retries.html'));
    for (const [words, path] of [
      ['outcomes', 'guide/errors.html'],
      ['exit code', 'guide/cli.html#exit-codes'],
    ] as const) {
      await page.locator('.search-dialog').waitFor({ state: 'attached' }); // the script has run
      await page.keyboard.press('Control+K');
      await page.getByRole('combobox', { name: 'Search the docs' }).fill(words);
      await page.locator(`#search-results a[aria-selected="true"][href$="${path}"]`).waitFor();
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('ArrowUp');
      await page.keyboard.press('Enter');
      const [file = '', anchor] = path.split('#');
      await expect.poll(() => page.url()).toBe(`${addressOf(file)}${anchor ? `#${anchor}` : ''}`);
    }
    await page.locator('.search-dialog').waitFor({ state: 'attached' });
    await page.getByRole('button', { name: 'Search' }).click();
    await page.getByRole('combobox', { name: 'Search the docs' }).fill('update rotate secret');
    await page.locator('#search-results a[href$="api.html#/secrets/updatesecret"]').click();
    await page.locator('html.light, html.dark').waitFor();
    expect(page.url()).toBe(`${addressOf('api.html')}#/secrets/updatesecret`);
    // The same header there, and it stays.
    await expect.poll(() => page.evaluate(() => scrollY)).toBeGreaterThan(500);
    expect(await page.locator('.site-header').evaluate((node) => node.getBoundingClientRect().top)).toBe(0);
    await page.keyboard.press('Control+K');
    await page.getByRole('combobox', { name: 'Search the docs' }).fill('limiter');
    await page.locator('#search-results a').first().waitFor();
    await page.keyboard.press('Escape');
    await page.locator('.site-header').getByRole('link', { name: 'Guide' }).click();
    await page.waitForURL(addressOf('guide/getting-started.html'));
    await page.locator('.pager a[rel="next"]').click();
    await expect.poll(() => page.url()).not.toContain('getting-started');
    await page.locator('.pager a[rel="prev"]').click();
    await page.waitForURL(addressOf('guide/getting-started.html'));
  });

  test('the colours are those of the system, or the ones that the reader has chosen, in all parts', async () => {
    const brightness = (page: Page) =>
      page.evaluate(() => {
        const channels = getComputedStyle(document.body).backgroundColor.match(/\d+/g) ?? [];
        return channels.slice(0, 3).reduce((sum, channel) => sum + Number(channel), 0) / 3;
      });
    const page = await sharedPage();
    await page.emulateMedia({ colorScheme: 'dark' });
    const choose = (mode: string) => page.getByLabel('Colours').selectOption(mode);
    await page.goto(addressOf('index.html'));
    expect(await brightness(page)).toBeLessThan(60);
    await choose('light');
    expect(await brightness(page)).toBeGreaterThan(200);
    await page.goto(addressOf('guide/cli.html'));
    expect(await brightness(page)).toBeGreaterThan(200);
    await page.goto(addressOf('api.html'));
    await page.locator('html.light').waitFor();
    expect(await brightness(page)).toBeGreaterThan(200);
    await choose('dark');
    await page.locator('html.dark').waitFor();
    expect(await brightness(page)).toBeLessThan(60);
    await choose('auto');
    await page.emulateMedia({ colorScheme: 'light' });
    await expect.poll(() => brightness(page)).toBeGreaterThan(200);
  });

  test('prints the text without header, navigation and buttons, and its code whole', async () => {
    const page = await sharedPage({ width: 700, height: 900 });
    await page.goto(addressOf('guide/logging.html'));
    await page.emulateMedia({ media: 'print' });
    for (const part of ['.site-header', '.site-nav', '.pager', '.page-tools', '.code .bar'])
      expect(await page.locator(part).first().isVisible(), part).toBe(false);
    expect(await page.locator('main h1').isVisible()).toBe(true);
    const cut = await page
      .locator('.code pre')
      .evaluateAll((all) => all.filter((node) => node.scrollWidth > node.clientWidth).length);
    expect(cut).toBe(0);
  });

  test('the navigation has every page of docs/', async () => {
    const page = await sharedPage();
    await page.goto(addressOf('guide/cli.html'));
    const links = await page
      .locator('#site-nav a')
      .evaluateAll((all) => all.map((one) => one.getAttribute('href') as string));
    const found = links.map((link) => posix.join('guide', link));
    for (const [, paths] of guideFiles()) {
      for (const path of paths.filter((one) => one.startsWith('docs/')))
        expect(found).toContain(path.replace('docs/', 'guide/').replace(/md$/, 'html'));
    }
    for (const file of found) expect(pages).toContain(file);
  });

  test('a static server may serve it under a path, and each request stays below it', async () => {
    const { url, close } = await serveFolder(folder, { port: 0, path: '/some/path/' });
    try {
      const page = await sharedPage();
      await page.context().setOffline(false);
      const failed: string[] = [];
      page.on('response', (response) => {
        if (response.status() !== 200) failed.push(`${response.status()} ${response.url()}`);
      });
      await page.goto(url);
      await page.goto(`${url}guide/errors.html`);
      await page.getByRole('button', { name: 'Search' }).click();
      await page.getByRole('combobox', { name: 'Search the docs' }).fill('outcome');
      await page.locator('#search-results a').first().waitFor();
      await page.keyboard.press('Escape');
      expect((await runAll(page, '')).filter(({ isDone, thrown }) => !isDone || thrown !== '')).toEqual([]);
      expect(failed).toEqual([]);
      const elsewhere = requests.filter((one) => !one.startsWith(url) && !/^(data|blob):/.test(one));
      requests = [];
      expect(elsewhere).toEqual([]);
    } finally {
      await shared?.context().setOffline(true);
      close();
    }
  });

  describeApiPage(sharedPage, addressOf('api.html'));
});
