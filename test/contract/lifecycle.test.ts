/** The Arazzo workflow passes on the in-memory Cortex, and fails on a server that breaks the contract. */
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findRedocly, respect } from '../support/respect.js';
import { SERVER_FAULTS } from '../support/server-faults.js';
import { startTampered } from '../support/tampered-cortex.js';

const VALUES = { value: 'the-first-value', rotated: 'the-second-value' };
const inputs = { apiKey: 'fake-api-key', tag: 'verified', ...VALUES };
const workflow = fileURLToPath(new URL('../../spec/lifecycle.arazzo.yaml', import.meta.url));

let server: Awaited<ReturnType<typeof startTampered>>;
beforeEach(async () => {
  server = await startTampered({ seed: [{ tag: 'another', secret: 'v' }] });
});
afterEach(() => server.close());

const run = () => respect({ redocly: findRedocly(), workflow, server: server.url }, inputs);

test('a correct server passes every step, and no secret is left', async () => {
  const { passed, steps, notRun } = await run();
  expect(steps.filter(({ differences }) => differences.length > 0)).toEqual([]);
  expect({ passed, notRun }).toEqual({ passed: true, notRun: [] });
  expect(server.cortex.requests.map(({ operation, status }) => `${operation} ${status}`)).toEqual([
    'create 200',
    'get 200',
    'get 200',
    'update 200',
    'get 200',
    'update 400',
    'update 400',
    'list 200',
    'list 200',
    'list 200',
    'list 400',
    'create 409',
    'get 200',
    'get 401',
    'delete 200',
    'get 404',
    'get 404',
    'delete 404',
  ]);
  expect(server.cortex.storedValue('verified')).toBeUndefined();
  expect(server.cortex.storedValue('another')).toBe('v');
});

describe('the step fails that detects a server that', () => {
  test.each(SERVER_FAULTS)('$fault: $step', async ({ step, tamper }) => {
    server.tamperWith(tamper);
    const { passed, steps } = await run();
    expect(passed).toBe(false);
    const failed = steps.filter(({ differences }) => differences.length > 0);
    expect(failed.map(({ step }) => step)).toEqual([step]);
    for (const secret of [inputs.apiKey, ...Object.values(VALUES)]) expect(JSON.stringify(steps)).not.toContain(secret);
  });
});
