/** The contract tests pass on a correct server, and find each of the wrong ones. */
import { describe, expect, test } from 'vitest';
import { contractTests } from '../../src/contract-tests/index.js';
import { tamperedFetch } from '../support/tampered-cortex.js';
import { WRONG_SERVERS } from './wrong-servers/index.js';

type Target = Parameters<typeof contractTests>[0];

/** Runs all tests, and cleans up. */
export async function failuresOf({ baseUrl, apiKey, fetch }: Target, more: Partial<Target> = {}) {
  const suite = contractTests({ baseUrl, apiKey, fetch, ...more });
  const failures: { id: string; message: string }[] = [];
  for (const { id, run } of suite.tests) {
    try {
      await run();
    } catch (error) {
      failures.push({ id, message: (error as Error).message });
    }
  }
  const left: readonly string[] = await suite.cleanUp().then(
    () => [],
    ({ tags }) => tags,
  );
  return { suite, failures, left };
}

test('a correct server passes, with at most 300 requests, and nothing is left', async () => {
  const server = tamperedFetch((_, respond) => respond(), { seed: [{ tag: 'other', secret: 'v' }] });
  const { failures, suite, left } = await failuresOf(server);
  expect(failures).toEqual([]);
  expect(left).toEqual([]);
  expect(server.snapshot().map(({ tag }) => tag)).toEqual(['other']);
  expect(suite.requestCount).toBeLessThanOrEqual(300);
  console.log(`${suite.tests.length} tests, ${suite.requestCount} requests`);
});

describe('finds a server that', () => {
  test.each(WRONG_SERVERS.filter(({ thorough }) => !thorough))('$fault', async ({ make }) => {
    const { failures } = await failuresOf(tamperedFetch(make()));
    console.log(failures.map(({ id }) => id).join(' '));
    expect(failures).not.toEqual([]);
  });
});
