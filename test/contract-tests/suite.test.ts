/** The contract tests find each of the wrong servers, and no failure has the key or a value. */
import { readFile } from 'node:fs/promises';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { tamperedFetch } from '../support/tampered-cortex.js';
import { runSuite } from './run-suite.js';
import { WRONG_SERVERS } from './wrong-servers/index.js';

test('docs/contract-testing.md has the numbers', async () => {
  const guide = await readFile(new URL('../../docs/contract-testing.md', import.meta.url), 'utf8');
  const all = WRONG_SERVERS.length;
  expect(guide).toContain(`| contract tests | ${WRONG_SERVERS.filter(({ thorough }) => !thorough).length} of ${all} |`);
  expect(guide).toContain(`| contract tests, with what \`--thorough\` adds | ${all} of ${all} |`);
});

/** Faults that may show the key or a value in a failure: all checks run, not only those up to the first failure. */
const MAY_LEAK = /\bvalues?\b|key/;

describe('finds a server that', () => {
  test.each(WRONG_SERVERS.filter(({ thorough }) => !thorough))(
    '$fault',
    async ({ fault, make, assumption = false }) => {
      const server = tamperedFetch(make());
      const values = new Set<string>();
      const fetch: typeof server.fetch = (url, init) => {
        for (const [value] of String(init?.body)
          .slice(0, 1000)
          .matchAll(/v[0-9a-f]{41}/g))
          values.add(value);
        return server.fetch(url, init);
      };
      const { failures } = await runSuite(
        { ...server, fetch },
        {},
        (source) => source === 'documented' && !MAY_LEAK.test(fault),
      );
      expect(failures).not.toEqual([]);
      // What only an assumption forbids must not fail a run with --assumptions warn.
      const isDocumented = failures.some(({ source }) => source !== 'assumption');
      expect(isDocumented, failures.map(({ id }) => id).join()).toBe(!assumption);

      for (const { error } of failures) {
        const text = [error.message, error.stack, JSON.stringify(error), inspect(error)].join('\n');
        for (const value of values)
          for (const form of [value, btoa(value), Buffer.from(value).toString('hex')]) expect(text).not.toContain(form);
        expect(text).not.toContain(server.apiKey);
        expect(error.rule).toMatch(/^#\//);
        expect(error.curl.length).toBeGreaterThan(0);
      }
    },
  );
});
