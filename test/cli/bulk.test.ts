/** 600 secrets against a rate limit and random faults, and what a SIGKILL leaves. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';
import type { FakeRequest, Fault } from '../../src/testing/faults.js';
import { chance } from '../campaign/server.js';
import { seedOf } from '../support/seed.js';
import { cli, emptyFolder, file, startCortex, textOf, value } from './support.js';

const COUNT = 600;
const tags = Array.from({ length: COUNT }, (_, i) => `bulk-${i}`);
const content = Object.fromEntries(tags.map((tag) => [tag, value(tag)]));

afterAll(() => emptyFolder());

interface Line {
  tag: string;
  status: string;
  outcome: string;
}
const reported = async (name: string): Promise<Line[]> =>
  (await textOf(name))
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => JSON.parse(line));

const FAULTS: Fault[] = [
  'reset before processing',
  'reset after processing',
  'truncated body',
  'not JSON',
  { status: 500 },
  { status: 500, processed: true },
  { status: 503 },
  { status: 503, processed: true },
];

test.concurrent('600 secrets against 150 per 0.6 s with 6 % faults: none is lost, and the report agrees with the server', async () => {
  const seed = seedOf(import.meta.url);
  const server = await startCortex({ rateLimit: { requests: 150, perMs: 600 } });
  // Which request of a secret fails depends on the seed only, and not on the order in which they arrive.
  for (const [i, fault] of FAULTS.entries()) {
    const requests = new Map<string, number>();
    const when = ({ operation, tag, tagOrId = tag ?? '' }: FakeRequest) => {
      if (operation !== 'create' && operation !== 'update') return false;
      const number = (requests.get(tagOrId) ?? 0) + 1;
      requests.set(tagOrId, number);
      return chance(seed, i, tagOrId, number) < 0.06 / FAULTS.length;
    };
    server.cortex.fail('any', fault, { when });
  }
  await file('bulk.json', JSON.stringify(content));

  const started = performance.now();
  const first = await cli(['import', 'bulk.json', '--report', 'bulk.ndjson'], { env: server.env });
  console.log(`${Math.round(performance.now() - started)} ms, ${server.cortex.requests.length} requests`);
  console.log(first.stderr.trimEnd().split('\n').at(-1));
  const lines = await reported('bulk.ndjson');
  // One line for each secret, and what it says is so.
  expect(lines.map(({ tag }) => tag).sort()).toEqual([...tags].sort());
  for (const { tag, status, outcome } of lines) {
    const stored = server.cortex.storedValue(tag);
    if (status === 'done') expect(stored).toBe(content[tag]);
    else expect({ tag, status, outcome }).toEqual({ tag, status: 'failed', outcome: 'unknown' });
  }
  // Two faults in a row, or a 500 for an update, which the client does not retry.
  const failed = lines.filter(({ status }) => status === 'failed');
  expect(failed.length).toBeLessThan(COUNT / 20);
  expect(first.code).toBe(failed.length > 0 ? 3 : 0);
  // Throttled requests are few: the client pauses.
  expect(server.cortex.requests.filter(({ status }) => status === 429).length).toBeLessThan(COUNT / 4);

  let code = first.code;
  for (let i = 0; i < 10 && code !== 0; i++)
    ({ code } = await cli(['import', 'bulk.json', '--resume', 'bulk.ndjson'], { env: server.env }));
  expect(code).toBe(0);
  for (const tag of tags) expect(server.cortex.storedValue(tag)).toBe(content[tag]);
  await server.close();
});

test.concurrent('--resume after a SIGKILL in the middle ends in the same state, without doing again what was reported', async () => {
  const server = await startCortex({ latencyMs: 2 });
  await file('killed.json', JSON.stringify(content));
  const killed = await cli(['import', 'killed.json', '--report', 'killed.ndjson'], {
    env: server.env,
    onStart: async (child) => {
      while (server.cortex.requests.length < COUNT / 2) await sleep(1);
      child.kill('SIGKILL');
    },
  });
  expect(killed.code).toBe(-1);
  const before = await reported('killed.ndjson');
  expect(before.length).toBeGreaterThan(COUNT / 4);
  for (const { tag } of before) expect(server.cortex.storedValue(tag)).toBe(content[tag]);

  const requests = server.cortex.requests.length;
  const resumed = await cli(['import', 'killed.json', '--resume', 'killed.ndjson'], { env: server.env });
  expect(resumed.code).toBe(0);
  const done = new Set(before.map(({ tag }) => tag));
  const again = server.cortex.requests.slice(requests).filter(({ tag, tagOrId }) => done.has(tag ?? tagOrId ?? ''));
  expect(again).toEqual([]);
  for (const tag of tags) expect(server.cortex.storedValue(tag)).toBe(content[tag]);
  expect(new Set((await reported('killed.ndjson')).map(({ tag }) => tag)).size).toBe(COUNT);
  await server.close();
});
