/** `cortex-secrets verify` */
import type { ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createSecretsClient } from 'cortex-secrets';
import { afterAll, describe, expect, test } from 'vitest';
import { runsOr } from '../support/seed.js';
import { edited, startTampered, type Tamper, unprocessed } from '../support/tampered-cortex.js';
import { cli, emptyFolder, KEY, pathOf, startCortex } from './support.js';

afterAll(() => emptyFolder());

const other = { tag: 'other', secret: 'v' };

test('passes on the in-memory Cortex with --thorough, and leaves no secret', async () => {
  const { close, env } = await startCortex({ seed: [other] });
  const args = ['verify', '--thorough', '--runs', '3'];
  const { code, stdout, stderr } = await cli(args, {
    env: { ...env, CORTEX_BASE_URL: `${env.CORTEX_BASE_URL}/api/v1/` },
  });
  expect(stderr).toMatch(/\nThe server does what the contract says: \d+ tests, \d+ requests\.\n$/);
  expect(stderr).not.toMatch(/DIFFERS|^(error|warning):/m);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^passed\tsequences\t/m);
  expect(stdout).not.toMatch(/failed|not run/);
  expect((await cli(['list'], { env })).stdout).toMatch(/^other\t[^\n]*\n$/);
  await close();
});

describe('a server with a fault', () => {
  async function verifyWith(tamper: Tamper, ...args: string[]) {
    const server = await startTampered({ apiKey: KEY, seed: [other] });
    let requests = 0;
    server.tamperWith((request, respond) => {
      requests += 1;
      return tamper(request, respond);
    });
    const secrets = createSecretsClient({ apiKey: KEY, baseUrl: server.url });
    const result = await cli(['verify', ...args], { env: { CORTEX_API_KEY: KEY, CORTEX_BASE_URL: server.url } });
    server.tamperWith();
    const tags = (await secrets.list()).secrets.map(({ tag }) => tag);
    await server.close();
    return { ...result, tags, requests };
  }
  const withValue = edited('PUT', 200, (body, { body: sent }) => ({
    ...body,
    secret: JSON.parse(String(sent)).secret,
  }));
  const conflict500: Tamper = async (_, respond) => {
    const response = await respond();
    return response.status === 409 ? { ...response, status: 422 } : response;
  };

  test('prints what was sent, what the contract says, what came and a curl line, in text and in JUnit', async () => {
    const both: Tamper = (request, respond) => withValue(request, async () => conflict500(request, respond));
    const { code, stdout, stderr, tags } = await verifyWith(both, '--junit', pathOf('junit.xml'));
    expect(code).toBe(1);
    expect(stdout).toMatch(/^failed\tupdate-value\t/m);
    expect(stdout).toMatch(/^failed\tcreate-taken-status\t/m);
    expect(stdout).toMatch(/^passed\tdelete-one\t/m);
    expect(stderr).toMatch(
      /error: update-value: .* \(observed\)\n {2}expected a response without the value of a secret\n/,
    );
    expect(stderr).toMatch(/\n {4}sent: {5}PUT \/api\/v1\/secrets\/verify-\w{8}-\d+ \{"secret":"\*{8}"\}\n/);
    expect(stderr).toMatch(/\n {4}received: 200 content-type: application\/json; \{.*"secret":"\*{8}"\}\n/);
    expect(stderr).toMatch(/\n {4}curl -i -X PUT .* -H "Authorization: Bearer \$CORTEX_API_KEY"/);
    expect(stderr).toMatch(/error: verify: the server does not do what the contract says: \d+ of \d+ tests failed\n$/);
    const junit = await readFile(pathOf('junit.xml'), 'utf8');
    expect(junit).toMatch(/<testsuites tests="\d+" failures="\d+" skipped="0">/);
    expect(junit).toMatch(/update-value: [^>]*"><failure message="expected a response without[^<]*curl -i -X PUT/);
    expect(tags).toEqual(['other']);
  });

  test('--assumptions warn: a difference from an assumption is no error, and stands in the table', async () => {
    const { code, stdout, stderr, tags, requests } = await verifyWith(conflict500, '--assumptions', 'warn');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^warning\tcreate-taken-status\t/m);
    expect(stderr).toMatch(/ {2}DIFFERS {5}a create of a tag that is taken .*: POST 422 CONFLICT\n/);
    expect(stderr).toMatch(/ {2}as assumed {2}a page past the end is empty/);
    expect(tags).toEqual(['other']);
    expect(requests).toBeLessThanOrEqual(300 + 1);
  });

  test('names the secrets that it could not delete; JSON has each test, and stderr one object', async () => {
    const tamper = unprocessed('DELETE', { status: 200, headers: {}, body: '' });
    const { code, stdout, stderr, tags } = await verifyWith(tamper, '--output', 'json');
    expect(code).toBe(1);
    expect(JSON.parse(stdout).tests).toContainEqual(
      expect.objectContaining({
        id: 'key-deleteSecret',
        result: 'failed',
        rule: '#/security',
        curl: expect.any(Array),
      }),
    );
    expect(tags.length).toBeGreaterThan(5);
    expect(JSON.parse(stderr)).toMatchObject({ exitCode: 1 });
    for (const tag of tags.filter((tag) => tag !== 'other')) expect(stderr).toContain(tag);
  });
});

describe('Ctrl+C', () => {
  // From the first test to the clean-up. CORTEX_SECRETS_RUNS sets their number.
  const count = runsOr(2);
  const moments = Array.from({ length: count }, (_, n) => 2 + Math.floor((n * 275) / Math.max(1, count - 1)));

  test('ends the run, and removes its secrets', async () => {
    const server = await startTampered({ apiKey: KEY, seed: [other] });
    const env = { CORTEX_API_KEY: KEY, CORTEX_BASE_URL: server.url };
    for (const moment of moments) {
      let child: ChildProcess | undefined;
      let requests = 0;
      server.tamperWith((_, respond) => {
        requests += 1;
        if (requests === moment) child?.kill('SIGINT');
        return respond();
      });
      const { code, stderr } = await cli(['verify'], { env, onStart: (started) => (child = started) });
      expect(code, `after ${moment} requests`).toBe(130);
      expect(stderr).toMatch(/error: verify: interrupted\n$/);
      expect(server.snapshot().map(({ tag }) => tag)).toEqual(['other']);
    }
    await server.close();
  });
});

describe('what says nothing about the contract', () => {
  const NO_VERDICT = /does not do what the contract says|could not remove/;

  test('a wrong API key: exits with 4 after one request', async () => {
    const { cortex, close, env } = await startCortex();
    const { code, stdout, stderr } = await cli(['verify'], { env: { ...env, CORTEX_API_KEY: `${KEY}-wrong` } });
    expect({ code, stdout }).toEqual({ code: 4, stdout: '' });
    expect(stderr).toMatch(/^error: list: 401 /);
    expect(stderr).not.toMatch(NO_VERDICT);
    expect(cortex.requests.map(({ operation }) => operation)).toEqual(['list']);
    await close();
  });

  test.each([
    ['a missing permission', 'list', { status: 403 }, 4],
    ['a permission to read only', 'create', { status: 403 }, 4],
    ['a rate limit', 'list', { status: 429, retryAfter: 3600 }, 7],
    ['a rate limit that the tests reach', 'create', { status: 429, retryAfter: 3600 }, 7],
  ] as const)('%s (%s, %j): exits with %i', async (_, operation, fault, expected) => {
    const { cortex, close, env } = await startCortex();
    cortex.fail(operation, fault, { times: 99 });
    const { code, stderr } = await cli(['verify'], { env });
    expect({ code, stderr }).toEqual({ code: expected, stderr: expect.not.stringMatching(NO_VERDICT) });
    await close();
  });

  test('no connection: exits with 1, and creates nothing', async () => {
    const env = { CORTEX_API_KEY: KEY, CORTEX_BASE_URL: 'http://127.0.0.1:2' };
    const { code, stdout, stderr } = await cli(['verify'], { env });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^error: list: no connection/);
    expect(stderr).not.toMatch(NO_VERDICT);
  });

  test.each([
    [['--assumptions', 'maybe'], /--assumptions: must be warn or fail/],
    [['--seed', '1'], /--seed and --runs need --thorough/],
    [['--thorough', '--runs', 'x'], /--runs: must be an integer/],
  ])('%j: exits with 2', async (args, message) => {
    const { code, stderr } = await cli(['verify', ...args], { env: { CORTEX_API_KEY: KEY } });
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(message) });
  });
});
