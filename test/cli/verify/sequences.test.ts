/** `verify --thorough`: what needs hundreds of requests, and random sequences against the in-memory Cortex. */
import { describe, expect, test } from 'vitest';
import { randomSequences } from '../../../src/cli/verify/sequences.js';
import { createSuite } from '../../../src/contract-tests/internal.js';
import { WRONG_SERVERS } from '../../contract-tests/wrong-servers/index.js';
import { seedOf } from '../../support/seed.js';
import { tamperedFetch } from '../../support/tampered-cortex.js';

const seed = seedOf(import.meta.url);

/** A fixed seed must find what it has found. */
async function thorough(make: (typeof WRONG_SERVERS)[number]['make'], seed = 1) {
  const { baseUrl, apiKey, fetch } = tamperedFetch(make());
  const { suite, session } = createSuite({ baseUrl, apiKey, fetch, thorough: true });
  const failures: Error[] = [];
  await suite.tests
    .find(({ id }) => id === 'list-default-size')
    ?.run()
    .catch((error) => failures.push(error));
  const { failure } = await randomSequences(session, { seed, runs: 60 });
  return { failures, failure, suite };
}

test('a correct server passes, and is cleaned up', async () => {
  const { failures, failure, suite } = await thorough(() => (_, respond) => respond(), seed);
  expect([...failures, failure]).toEqual([null]);
  await suite.cleanUp();
});

describe('finds a server of which', () => {
  test.each(WRONG_SERVERS.filter((server) => server.thorough))('$fault', async ({ make }) => {
    const { failures, failure } = await thorough(make);
    expect(failures.length + (failure ? 1 : 0)).toBeGreaterThan(0);
  });
});

test('shrinks a difference to the requests that show it', async () => {
  const wrong = WRONG_SERVERS.find(({ fault }) => fault === 'an update by id responds, and changes nothing');
  const { failure } = await thorough((wrong as (typeof WRONG_SERVERS)[number]).make);
  const { curl, message } = failure as Error & { curl: string[] };
  expect(curl.length).toBeLessThanOrEqual(5);
  expect(message).toMatch(/expected name: "/);
});
