/** The Arazzo workflow passes on the in-memory Cortex, and fails on a server that breaks the contract. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { respect, type Verification } from '../support/respect.js';
import { SERVER_FAULTS } from '../support/server-faults.js';
import { startTampered } from '../support/tampered-cortex.js';

const VALUES = { value: 'the-first-value', rotated: 'the-second-value' };
const inputs = { apiKey: 'fake-api-key', tag: 'verified', ...VALUES };

const start = () => startTampered({ seed: [{ tag: 'another', secret: 'v' }] });
let server: Awaited<ReturnType<typeof start>>;
let correct: Verification;
const ofFault = new Map<string, Verification>();
beforeAll(async () => {
  server = await start();
  const tampered = await Promise.all(SERVER_FAULTS.map(start));
  for (const [i, { tamper }] of SERVER_FAULTS.entries()) tampered[i]?.tamperWith(tamper);
  const [first, ...others] = await respect(
    [server, ...tampered].map(({ url }) => url),
    inputs,
  );
  correct = first as Verification;
  for (const [i, { fault }] of SERVER_FAULTS.entries()) ofFault.set(fault, others[i] as Verification);
  await Promise.all(tampered.map(({ close }) => close()));
});
afterAll(() => server.close());

test('a correct server passes every step, and no secret is left', () => {
  const { passed, steps, notRun } = correct;
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
  test.each(SERVER_FAULTS)('$fault: $step', ({ fault, step }) => {
    const { passed, steps } = ofFault.get(fault) as Verification;
    expect(passed).toBe(false);
    const failed = steps.filter(({ differences }) => differences.length > 0);
    expect(failed.map(({ step }) => step)).toEqual([step]);
    for (const secret of [inputs.apiKey, ...Object.values(VALUES)]) expect(JSON.stringify(steps)).not.toContain(secret);
  });
});
