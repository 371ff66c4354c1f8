/** The example plugin with the real plugin-core, in a sandboxed iframe of a page that speaks plugin-core's protocol. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Browser, Frame, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { launchChromium } from '../../scripts/lib/browser.js';
import { API_BASE_URL, type Mode, type PluginHost, startHost } from './host.js';

const VALUE = 'canary-7261-of-a-new-value';
const folder = new URL('../../examples/cortex-plugin/dist/', import.meta.url);
const built = (name: string) => readFileSync(new URL(`${name}.html`, folder), 'utf8');
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** More than one page of 1000. */
const COUNT = 1203;
const seed = Array.from({ length: COUNT }, (_, index) => {
  const tag = `app-${String(index).padStart(4, '0')}`;
  return { tag, name: `Key of service ${index}`, secret: `seed value ${index}` };
});

let browser: Browser;
let host: PluginHost;
beforeAll(async () => {
  host = await startHost(seed, built);
  browser = await launchChromium();
});
afterAll(async () => {
  await browser?.close();
  host?.close();
});

interface Opened {
  page: Page;
  plugin: Frame;
  /** What the page and the plugin printed, and their uncaught errors. */
  printed: string[];
}
const opened: Opened[] = [];
afterEach(async () => {
  await host.reset();
  for (const { page, printed } of opened.splice(0)) {
    await page.close();
    expect(printed).toEqual([]);
  }
});

async function open(name: string, { theme = 'light', width = 1200, clock = false } = {}): Promise<Opened> {
  const page = await browser.newPage({ viewport: { width, height: 800 } });
  const printed: string[] = [];
  page.on('console', (message) => printed.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => printed.push(String(error)));
  if (clock) await page.clock.install();
  await page.goto(host.url(name, theme));
  const plugin = await (await page.waitForSelector('iframe')).contentFrame();
  if (!plugin) throw new Error('the iframe has no page');
  const result = { page, plugin, printed };
  opened.push(result);
  return result;
}

const button = (plugin: Frame, name: string) => plugin.getByRole('button', { name, exact: true });
const dialog = (plugin: Frame) => plugin.getByRole('dialog');
const alert = (plugin: Frame) => plugin.getByRole('alert');
const status = (plugin: Frame, text: string) => plugin.locator('p.status', { hasText: text }).waitFor();
const storedValue = (tag: string) => host.control('GET', `/values/${tag}`) as Promise<{ value: string }>;
const fail = (operation: string, fault: unknown, times = 1) =>
  host.control('POST', '/fail', { operation, fault, ...(times !== Number.POSITIVE_INFINITY && { times }) });

/** Opens the dialog, types the value as a person does, and presses Enter. */
async function rotate(plugin: Frame, tag: string, value = VALUE) {
  await button(plugin, `Rotate ${tag}`).click();
  await typeValue(plugin, 'New value', value);
}
async function typeValue(plugin: Frame, label: string, value = VALUE) {
  const field = dialog(plugin).getByLabel(label);
  await field.click();
  await plugin.page().keyboard.type(value);
  await field.press('Enter');
}

/** The document of the iframe with the values of its fields, and React's state. */
function contentOf(plugin: Frame): Promise<string> {
  return plugin.evaluate(() => {
    const fields = [...document.querySelectorAll('input')].map(({ value }) => value);
    const texts: string[] = [document.documentElement.outerHTML, ...fields];
    // The built-in properties of elements are in the HTML; those that React adds to them are walked.
    const queue: unknown[] = [...document.querySelectorAll('*')];
    const seen = new Set<unknown>(queue);
    for (const value of queue) {
      if (typeof value === 'string') texts.push(value);
      if (typeof value !== 'object' || value === null) continue;
      for (const inner of Object.values(value)) {
        if (!seen.has(inner)) queue.push(inner);
        seen.add(inner);
      }
    }
    return texts.join('\n');
  });
}

/**
 * The objects and strings of JavaScript in the process of the iframe, after a garbage collection; first in the page around
 * it: plugin-core keeps each message that it has sent until the other end of its port is gone.
 */
async function heapOf({ page, plugin }: Opened): Promise<string> {
  const context = page.context();
  const outer = await context.newCDPSession(page);
  await outer.send('HeapProfiler.collectGarbage');
  // In a process of its own, as Chromium keeps sandboxed iframes; the same one otherwise.
  const inner = await context.newCDPSession(plugin).catch(() => outer);
  const chunks: string[] = [];
  inner.on('HeapProfiler.addHeapSnapshotChunk', ({ chunk }) => chunks.push(chunk));
  await inner.send('HeapProfiler.collectGarbage');
  await inner.send('HeapProfiler.takeHeapSnapshot', { reportProgress: false });
  await Promise.all([...new Set([inner, outer])].map((session) => session.detach()));
  return chunks.join('');
}

/** More than once, since the ports are closed some time after the collection. */
const valueIsGone = (view: Opened) =>
  expect
    .poll(
      async () => {
        const heap = await heapOf(view);
        return { tag: heap.includes('app-0003'), value: heap.includes(VALUE) };
      },
      { timeout: 60_000 },
    )
    .toEqual({ tag: true, value: false });

async function violations(plugin: Frame): Promise<string[]> {
  await plugin.evaluate(axe);
  return plugin.evaluate(async () => {
    // biome-ignore lint/suspicious/noExplicitAny: axe is loaded into the page
    const { violations } = await (globalThis as any).axe.run(document, { resultTypes: ['violations'] });
    return violations.map(({ id, nodes }: { id: string; nodes: { html: string }[] }) => `${id}: ${nodes[0]?.html}`);
  });
}

async function screenshot({ page }: Opened, name: string) {
  const { PLUGIN_SCREENSHOTS } = process.env;
  if (PLUGIN_SCREENSHOTS) await page.screenshot({ path: join(PLUGIN_SCREENSHOTS, `${name}.png`) });
}

describe.each([
  ['plugin', 'fetch: CortexApi.proxyFetch'],
  ['plugin-provider', "PluginProvider's window.fetch"],
])('%s.html, %s', (name) => {
  test('lists more than one page of secrets, without a key in the iframe', async () => {
    const view = await open(name);
    await status(view.plugin, `${COUNT} secrets`);
    expect(await view.plugin.locator('tbody tr').count()).toBe(50);
    expect(host.messages.map((text) => JSON.parse(text).type).sort()).toEqual(
      expect.arrayContaining(['context', 'fetch', 'fetch', 'init']),
    );
    expect(host.requests().map(({ input }) => input.replace(API_BASE_URL, ''))).toEqual([
      '/secrets?page=0&pageSize=1000',
      '/secrets?page=1&pageSize=1000',
    ]);
    await view.plugin.getByLabel('Filter').fill('app-1202');
    await status(view.plugin, `1 of ${COUNT} secrets`);
    expect(await view.plugin.locator('tbody tr').allInnerTexts()).toEqual([expect.stringContaining('app-1202')]);
    expect(host.messages.join('').toLowerCase()).not.toContain('authorization');
    const content = await contentOf(view.plugin);
    expect(content).toContain('app-1202');
    expect(`${host.messages} ${host.answers} ${content}`.includes(host.apiKey)).toBe(false);
    expect((await heapOf(view)).includes(host.apiKey)).toBe(false);
  });

  test('rotates a secret, and keeps no value', async () => {
    const view = await open(name);
    await rotate(view.plugin, 'app-0003');
    await status(view.plugin, 'Rotated app-0003.');
    expect(await storedValue('app-0003')).toEqual({ value: VALUE });
    expect(await dialog(view.plugin).count()).toBe(0);
    expect(host.messages.filter((text) => text.includes(VALUE))).toEqual([expect.stringContaining('"type":"fetch"')]);
    expect(host.answers.join('')).not.toContain(VALUE);
    expect((await contentOf(view.plugin)).includes(VALUE)).toBe(false);
    await valueIsGone(view);
    // The focus is back at the button.
    expect(await view.plugin.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe(
      'Rotate app-0003',
    );
  });

  test('creates a secret; a tag that is taken is an error, and the field of the value is empty again', async () => {
    const { plugin } = await open(name);
    await button(plugin, 'New secret').click();
    await dialog(plugin).getByLabel('Tag').fill('app-0001');
    await dialog(plugin).getByLabel('Name').fill('A name');
    await typeValue(plugin, 'Value');
    await alert(plugin).getByText('The secret was not created. This tag is taken.').waitFor();
    expect(await dialog(plugin).getByLabel('Value').inputValue()).toBe('');
    expect((await contentOf(plugin)).includes(VALUE)).toBe(false);
    await dialog(plugin).getByLabel('Tag').fill('aaa');
    await typeValue(plugin, 'Value');
    await status(plugin, `Created aaa. ${COUNT + 1} secrets`);
    expect(await plugin.locator('tbody tr').first().innerText()).toContain('A name');
    expect(await storedValue('aaa')).toEqual({ value: VALUE });
  });

  test('deletes a secret after a confirmation only', async () => {
    const { plugin, page } = await open(name);
    await button(plugin, 'Delete app-0002').click();
    await page.keyboard.press('Escape');
    await dialog(plugin).waitFor({ state: 'detached' });
    expect(await storedValue('app-0002')).toEqual({ value: 'seed value 2' });
    await button(plugin, 'Delete app-0002').click();
    await dialog(plugin).getByRole('button', { name: 'Delete' }).click();
    await status(plugin, `Deleted app-0002. ${COUNT - 1} secrets`);
    await expect(storedValue('app-0002')).rejects.toThrow('404');
    expect(await plugin.evaluate(() => document.activeElement?.tagName)).toBe('H1');
  });

  const modes: [string, () => Mode, RegExp][] = [
    [
      '401 without a key',
      () => ({ key: null }),
      /^The value was not changed\. Cortex did not get your rights.*apiKey: null/s,
    ],
    [
      '403 without the permission',
      () => ({ key: host.apiKeyWithoutPermission }),
      /^The value was not changed\. You lack the "Create secrets" permission/,
    ],
    [
      'a host that rejects with a string',
      () => ({ reject: `policy forbids ${VALUE}` }),
      /^The connection failed\. The value may have been changed\. Check before you try again.*policy forbids/s,
    ],
    [
      'a host that rejects with an object',
      () => ({ reject: { message: 'blocked', statusText: 'x' } }),
      /^The connection failed\. The value may have been changed\. Check before you try again.*blocked/s,
    ],
  ];
  test.each(modes)('shows an error in words: %s', async (_, mode, words) => {
    const view = await open(name);
    const { plugin } = view;
    await status(plugin, `${COUNT} secrets`);
    host.setMode(mode());
    await rotate(plugin, 'app-0001');
    await alert(plugin).waitFor();
    expect(await alert(plugin).innerText()).toMatch(words);
    const content = await contentOf(plugin);
    expect(content.includes(VALUE)).toBe(false);
    expect(content.includes(host.apiKeyWithoutPermission)).toBe(false);
    expect(await plugin.evaluate(() => document.activeElement?.getAttribute('type'))).toBe('password');
    expect(await dialog(plugin).getByLabel('New value').inputValue()).toBe('');
    // Undo does not bring it back.
    await dialog(plugin).getByLabel('New value').press('Control+z');
    expect(await dialog(plugin).getByLabel('New value').inputValue()).toBe('');
    await valueIsGone(view);
  });

  test('shows that a secret is gone', async () => {
    const { plugin } = await open(name);
    await status(plugin, `${COUNT} secrets`);
    await fail('update', { status: 404, type: 'NOT_FOUND' });
    await rotate(plugin, 'app-0001');
    await alert(plugin).getByText('The value was not changed. It no longer exists.').waitFor();
  });

  test('shows when to try again after a 429 with a long Retry-After', async () => {
    const { plugin } = await open(name);
    await status(plugin, `${COUNT} secrets`);
    await fail('update', { status: 429, retryAfter: 120 });
    await rotate(plugin, 'app-0001');
    await alert(plugin)
      .getByText('The value was not changed. Cortex received too many requests. Try again in')
      .waitFor();
  });

  test('retries a 503, and a connection that breaks', async () => {
    await fail('list', { status: 503 });
    const { plugin } = await open(name);
    await status(plugin, `${COUNT} secrets`);
    await fail('update', { status: 503 });
    await fail('update', 'reset after processing');
    await rotate(plugin, 'app-0001');
    await status(plugin, 'Rotated app-0001.');
    expect(host.requests().filter(({ init }) => init.method === 'PUT')).toHaveLength(3);
  });

  test('does not send a create again whose connection breaks', async () => {
    const { plugin } = await open(name);
    await fail('create', 'reset after processing');
    await button(plugin, 'New secret').click();
    await dialog(plugin).getByLabel('Tag').fill('aaa');
    await dialog(plugin).getByLabel('Name').fill('A name');
    await typeValue(plugin, 'Value');
    await alert(plugin).getByText('The connection failed. The secret may have been created. Check before').waitFor();
    expect(host.requests().filter(({ init }) => init.method === 'POST')).toHaveLength(1);
    await dialog(plugin).getByRole('button', { name: 'Cancel' }).click();
    await button(plugin, 'Reload').click();
    await status(plugin, `${COUNT + 1} secrets`);
  });

  test('stops waiting at once, and a late answer of the host changes nothing', async () => {
    const { plugin } = await open(name);
    await status(plugin, `${COUNT} secrets`);
    host.setMode('hang');
    await rotate(plugin, 'app-0001');
    await button(plugin, 'Stop waiting').waitFor();
    expect(await dialog(plugin).getByLabel('New value').inputValue()).toBe('');
    expect((await contentOf(plugin)).includes(VALUE)).toBe(false);
    await button(plugin, 'Stop waiting').click();
    await alert(plugin).getByText('You stopped waiting. The value may have been changed. Check before').waitFor();
    const answered = host.answers.length;
    host.setMode({ reject: 'too late' });
    await expect.poll(() => host.answers.length).toBe(answered + 1);
    // The host is fine again: the plugin works on.
    host.setMode({ key: host.apiKey });
    await typeValue(plugin, 'New value');
    await status(plugin, 'Rotated app-0001.');
  });

  test('gives up on a host that hangs', async () => {
    const { plugin, page } = await open(name, { clock: true });
    await status(plugin, `${COUNT} secrets`);
    host.setMode('hang');
    const before = host.requests().length;
    await rotate(plugin, 'app-0001');
    await button(plugin, 'Stop waiting').waitFor();
    for (let seconds = 0; seconds < 30; seconds++) await page.clock.runFor(1000);
    await alert(plugin).getByText('Cortex took too long. The value may have been changed. Check before').waitFor();
    expect(host.requests().length - before).toBeGreaterThan(1); // retried within the deadline
    expect((await contentOf(plugin)).includes(VALUE)).toBe(false);
  });

  test('a list that fails can be reloaded', async () => {
    host.setMode({ key: null });
    const { plugin } = await open(name);
    await alert(plugin).getByText('The list could not be loaded. Cortex did not get your rights').waitFor();
    host.setMode({ key: host.apiKey });
    await button(plugin, 'Reload').click();
    await status(plugin, `${COUNT} secrets`);
    expect(await alert(plugin).count()).toBe(0);
  });

  test('refuses a pasted text of several lines, which the field would join', async () => {
    const { plugin } = await open(name);
    await button(plugin, 'Rotate app-0001').click();
    const field = dialog(plugin).getByLabel('New value');
    const paste = (text: string) =>
      field.evaluate((element, given) => {
        const clipboardData = new DataTransfer();
        clipboardData.setData('text/plain', given);
        return element.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
      }, text);
    expect(await paste('-----BEGIN\nabc\n-----END\n')).toBe(false);
    await dialog(plugin).getByText('Not pasted: this field has one line').waitFor();
    expect(await paste('one line\n')).toBe(true);
    expect(host.requests().filter(({ init }) => init.method === 'PUT')).toEqual([]);
  });
});

describe.each([
  ['wide', 1200],
  ['narrow', 390],
])('%s', (size, width) => {
  test.each(['light', 'dark'])(
    'has no violation of accessibility rules, and no sideways scrolling: %s',
    async (theme) => {
      const view = await open('plugin', { width, theme });
      const { plugin } = view;
      await status(plugin, `${COUNT} secrets`);
      await screenshot(view, `${size}-${theme}-list`);
      expect(await violations(plugin)).toEqual([]);
      await button(plugin, 'New secret').click();
      await screenshot(view, `${size}-${theme}-create`);
      expect(await violations(plugin)).toEqual([]);
      await dialog(plugin).getByRole('button', { name: 'Cancel' }).click();
      host.setMode({ key: null });
      await rotate(plugin, 'app-0000');
      await alert(plugin).waitFor();
      await screenshot(view, `${size}-${theme}-error`);
      expect(await violations(plugin)).toEqual([]);
      await dialog(plugin).getByRole('button', { name: 'Cancel' }).click();
      await button(plugin, 'Delete app-0000').click();
      await screenshot(view, `${size}-${theme}-delete`);
      expect(await violations(plugin)).toEqual([]);
      expect(await plugin.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    },
  );
});
