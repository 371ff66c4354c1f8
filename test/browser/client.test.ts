/** The client in a real Chromium, against `cortex-secrets mock --cors` on another origin. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findChromium, launchChromium } from '../../scripts/lib/browser.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const chromium = findChromium();

let browser: Browser;
let mock: ChildProcess;
let cortex: { baseUrl: string; apiKey: string; controlUrl: string };
const page = createServer((request, response) => {
  response.writeHead(request.url === '/' ? 200 : 404, { 'content-type': 'text/html' });
  response.end('<!doctype html><title>A page</title><link rel="icon" href="data:,">');
});

beforeAll(async () => {
  if (!chromium) return;
  // Built by `npm test` before the tests.
  const args = ['mock', '--port', '0', '--json', '--cors', '--control', '0'];
  mock = spawn(process.execPath, [`${root}dist/cli/main.js`, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [printed] = await once(mock.stdout as NodeJS.ReadableStream, 'data');
  cortex = JSON.parse(String(printed));
  page.listen(0, '127.0.0.1');
  await once(page, 'listening');
  browser = await launchChromium();
});
afterAll(async () => {
  await browser?.close();
  mock?.kill();
  page.close();
});

test.skipIf(!chromium)(
  'runs the operations, waits after a 429, and rejects with errors that leak nothing',
  async () => {
    const { outputFiles } = await build({
      stdin: { contents: `export { createSecretsClient, isCortexError } from './dist/index.js';`, resolveDir: root },
      bundle: true,
      format: 'iife',
      globalName: 'cortexSecrets',
      platform: 'browser',
      write: false,
    });
    const tab = await browser.newPage();
    const pageErrors: string[] = [];
    tab.on('pageerror', ({ message }) => pageErrors.push(message));
    await tab.goto(`http://127.0.0.1:${(page.address() as AddressInfo).port}/`);
    await tab.evaluate(`${outputFiles[0]?.text}; globalThis.cortexSecrets = cortexSecrets;`);

    const fault = { operation: 'get', fault: { status: 429, retryAfter: 1 } };
    await fetch(`${cortex.controlUrl}/fail`, { method: 'POST', body: JSON.stringify(fault) });
    const seen = await tab.evaluate(async ({ baseUrl, apiKey }) => {
      const { createSecretsClient } = (globalThis as unknown as { cortexSecrets: typeof import('cortex-secrets') })
        .cortexSecrets;
      const attempts: (number | undefined)[] = [];
      const secrets = createSecretsClient({ apiKey, baseUrl, onAttempt: ({ status }) => attempts.push(status) });
      const created = await secrets.create({ tag: 'from-a-page', name: 'From a page', secret: 'a value of the page' });
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
    }, cortex);

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
