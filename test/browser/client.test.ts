/** The client in real browsers, against the mock with `--cors` on another origin. */
import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findChromium, findFirefox, launchChromium } from '../../scripts/lib/browser.js';
import { startMock } from '../mock/support.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const chromium = findChromium();
const firefox = findFirefox();

let browser: Browser;
let tab: Page;
const page = createServer((request, response) => {
  response.writeHead(request.url === '/' ? 200 : 404, { 'content-type': 'text/html' });
  response.end('<!doctype html><title>A page</title><link rel="icon" href="data:,">');
});

const { outputFiles } = await build({
  stdin: { contents: `export { createSecretsClient, isCortexError } from './dist/index.js';`, resolveDir: root },
  bundle: true,
  format: 'iife',
  globalName: 'cortexSecrets',
  platform: 'browser',
  write: false,
});
const client = outputFiles[0]?.text;

beforeAll(async () => {
  if (!chromium) return;
  page.listen(0, '127.0.0.1');
  await once(page, 'listening');
  browser = await launchChromium();
  tab = await browser.newPage();
});
afterAll(async () => {
  await browser?.close();
  page.close();
});

test.skipIf(!chromium)(
  'runs the operations, waits after a 429, and rejects with errors that leak nothing',
  async () => {
    const { cortex, url, close } = await startMock({ cors: true }, { seed: [] });
    const pageErrors: string[] = [];
    tab.on('pageerror', ({ message }) => pageErrors.push(message));
    await tab.goto(`http://127.0.0.1:${(page.address() as AddressInfo).port}/`);
    await tab.evaluate(`${client}; globalThis.cortexSecrets = cortexSecrets;`);

    cortex.fail('get', { status: 429, retryAfter: 1 });
    const seen = await tab.evaluate(
      async ({ baseUrl, apiKey }) => {
        const { createSecretsClient } = (globalThis as unknown as { cortexSecrets: typeof import('cortex-secrets') })
          .cortexSecrets;
        const attempts: (number | undefined)[] = [];
        const secrets = createSecretsClient({ apiKey, baseUrl, onAttempt: ({ status }) => attempts.push(status) });
        const created = await secrets.create({
          tag: 'from-a-page',
          name: 'From a page',
          secret: 'a value of the page',
        });
        const { total } = await secrets.list();
        const conflict = await secrets
          .create({ tag: 'from-a-page', name: 'x', secret: 'a value of the page' })
          .catch((error) => error);
        const start = performance.now();
        await secrets.get('from-a-page');
        const waitedMs = performance.now() - start;
        await secrets.delete('from-a-page');
        const missing = await secrets.get('from-a-page').catch((error) => error);
        const away = createSecretsClient({ apiKey, baseUrl: 'http://127.0.0.1:2', retry: false });
        const unreachable = await away.list().catch((error) => error);
        const all = [conflict, missing, unreachable];
        return {
          created,
          total,
          attempts,
          waitedMs,
          errors: all.map(({ name, message, outcome }) => ({ name, message, outcome })),
          leaks: all.some((error) => /a value of|fake-api-key/.test(`${error.stack}${JSON.stringify(error)}`)),
        };
      },
      { baseUrl: url, apiKey: cortex.apiKey },
    );
    await close();

    expect(seen.created).toEqual({ id: expect.any(String), tag: 'from-a-page', name: 'From a page' });
    expect(seen.total).toBe(1);
    expect(seen.attempts).toEqual([200, 200, 409, 429, 200, 200, 404]);
    expect(seen.waitedMs).toBeGreaterThan(990);
    expect(seen.errors).toEqual([
      { name: 'ApiError', outcome: 'rejected', message: expect.stringContaining('409 CONFLICT') },
      { name: 'ApiError', outcome: 'rejected', message: expect.stringContaining('404 NOT_FOUND') },
      // Browsers hide why a connection failed, so the request may have been sent.
      { name: 'ConnectionError', outcome: 'unknown', message: expect.stringContaining('Failed to fetch') },
    ]);
    expect(seen.leaks).toBe(false);
    expect(pageErrors).toEqual([]);
  },
);

describe('the User-Agent is that of the browser, and is not asked for in a preflight', () => {
  const CONTEXTS = ['page', 'worker', 'service worker'];

  /** A page that calls an API of another origin from each context; what the API received, by context. */
  async function serve() {
    const received: Record<string, string[]> = {};
    const finished = new EventEmitter();
    const done = once(finished, 'done');
    const api = createServer((request, response) => {
      const context = decodeURIComponent(request.url?.split('/')[1] ?? '');
      const asked = request.headers['access-control-request-headers'];
      received[context] ??= [];
      received[context].push(asked === undefined ? `sent ${request.headers['user-agent']}` : `asked ${asked}`);
      response.writeHead(200, {
        'access-control-allow-origin': '*',
        'access-control-allow-headers': '*, authorization',
      });
      response.end(request.method === 'OPTIONS' ? '' : '{"page":0,"secrets":[],"total":0,"totalPages":0}');
    });
    api.listen(0, '127.0.0.1');
    await once(api, 'listening');
    const baseUrl = `http://127.0.0.1:${(api.address() as AddressInfo).port}`;
    const list = (context: string) =>
      `cortexSecrets.createSecretsClient({ apiKey: 'k', baseUrl: '${baseUrl}/${encodeURIComponent(context)}', retry: false }).list()`;
    const files: Record<string, [type: string, content: string]> = {
      '/': [
        'text/html',
        '<!doctype html><title>A page</title><link rel="icon" href="data:,"><script src="/page.js"></script>',
      ],
      '/worker.js': [
        'text/javascript',
        `${client}; ${list('worker')}.then(() => postMessage('done'), (e) => postMessage(String(e)));`,
      ],
      '/service-worker.js': [
        'text/javascript',
        `${client}; addEventListener('install', (event) => event.waitUntil(${list('service worker')}));`,
      ],
      '/page.js': [
        'text/javascript',
        `${client}; (async () => {
          await ${list('page')};
          await new Promise((resolve) => { new Worker('/worker.js', { type: 'module' }).onmessage = resolve; });
          const { installing } = await navigator.serviceWorker.register('/service-worker.js');
          await new Promise((resolve) => { installing.onstatechange = resolve; });
        })().catch((error) => error).then((error) => fetch('/done', { method: 'POST', body: String(error) }));`,
      ],
    };
    const host = createServer((request, response) => {
      if (request.url === '/done') finished.emit('done');
      const [type, content] = files[request.url ?? ''] ?? ['text/plain', ''];
      response.writeHead(200, { 'content-type': type }).end(content);
    });
    host.listen(0, '127.0.0.1');
    await once(host, 'listening');
    return {
      url: `http://127.0.0.1:${(host.address() as AddressInfo).port}/`,
      done: done.then(() => received),
      close() {
        for (const server of [api, host]) server.close().closeAllConnections();
      },
    };
  }

  const expectBrowsersOwn = (received: Record<string, string[]>) => {
    expect(Object.keys(received)).toEqual(CONTEXTS);
    for (const requests of Object.values(received))
      expect(requests).toEqual(['asked authorization', expect.stringMatching(/^sent Mozilla\//)]);
  };

  test.skipIf(!chromium)('in Chromium', async () => {
    const { url, done, close } = await serve();
    try {
      await tab.goto(url);
      expectBrowsersOwn(await done);
    } finally {
      close();
    }
  });

  test.skipIf(!firefox)('in Firefox', async () => {
    const { url, done, close } = await serve();
    const profile = await mkdtemp(join(tmpdir(), 'cortex-secrets-firefox-'));
    const program = spawn(firefox as string, ['--headless', '--no-remote', '--profile', profile, url], {
      env: { ...process.env, HOME: profile },
      stdio: 'ignore',
    });
    try {
      expectBrowsersOwn(await done);
    } finally {
      program.kill();
      await once(program, 'exit');
      close();
      await rm(profile, { recursive: true, force: true, maxRetries: 9 });
    }
  });
});
