/** The contract tests pass on a correct server, and find each of the wrong ones. */
import { describe, expect, test } from 'vitest';
import { tamperedFetch } from '../support/tampered-cortex.js';
import { runSuite } from './run-suite.js';
import { WRONG_SERVERS } from './wrong-servers/index.js';

test('a correct server passes, with at most 300 requests, and nothing is left', async () => {
  const server = tamperedFetch((_, respond) => respond(), { seed: [{ tag: 'other', secret: 'v' }] });
  const { failures, suite } = await runSuite(server);
  expect(failures.map(({ error }) => error.message)).toEqual([]);
  await suite.cleanUp();
  expect(server.snapshot().map(({ tag }) => tag)).toEqual(['other']);
  expect(suite.requestCount).toBeLessThanOrEqual(300);
  console.log(`${suite.tests.length} tests, ${suite.requestCount} requests`);
});

describe('finds a server that', () => {
  test.each(WRONG_SERVERS.filter(({ thorough }) => !thorough))('$fault', async ({ make, assumption = false }) => {
    const { failures } = await runSuite(tamperedFetch(make()), {}, (source) => source === 'documented');
    expect(failures).not.toEqual([]);
    // What only an assumption forbids must not fail a run with --assumptions warn.
    const isDocumented = failures.some(({ source }) => source !== 'assumption');
    expect(isDocumented, failures.map(({ id }) => id).join()).toBe(!assumption);
  });
});
