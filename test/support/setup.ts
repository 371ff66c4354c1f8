/** Runs before each test file, in a worker that has run others: a file must leave what they share as it was. */
import { afterAll, expect } from 'vitest';

// Node loads its fetch at the first call, and keeps the `performance` of that moment, which must not be a fake clock's.
await fetch('data:,');

const DISPATCHER = Symbol.for('undici.globalDispatcher.1');
const shared = () => ({
  ...Object.fromEntries(
    (
      ['fetch', 'setTimeout', 'performance', 'process', 'navigator', 'Request', 'Response', 'AbortController'] as const
    ).map((name) => [name, globalThis[name]]),
  ),
  random: Math.random,
  dispatcher: (globalThis as Record<symbol, unknown>)[DISPATCHER],
  environment: JSON.stringify(process.env),
});
const before = shared();
afterAll(() => {
  const after: Record<string, unknown> = shared();
  expect(
    Object.entries(before)
      .filter(([name, value]) => after[name] !== value)
      .map(([name]) => name),
  ).toEqual([]);
});
