/** `npm start`: what the tour shows. It runs the build that `npm test` makes before the tests. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
let output: string;
beforeAll(async () => {
  const result = await promisify(execFile)(process.execPath, ['scripts/tour.js'], { cwd: root });
  expect(result.stderr).toBe('');
  output = result.stdout;
});

/** The lines after a command, until the next empty line; with `nth`, of its later occurrence. */
const after = (command: string, nth = 1): string => output.split(`  ${command}`)[nth]?.split('\n\n')[0] ?? '';

test('what was updated reads back updated', () => {
  expect(after("secrets.update('deploy-token'")).toContain("name: 'Rotated token' }");
  expect(after("secrets.get('deploy-token')")).toMatch(/GET .* 200 in \d+ ms\n.*name: 'Rotated token' }/);
});

test('a throttled request is retried, and what was deleted is not found', () => {
  expect(after("secrets.get('deploy-token')", 2)).toMatch(/ 429 in .*retry in 1 s \(Retry-After\)\n.* 200 in /);
  expect(after("secrets.get('deploy-token')", 3)).toContain('404 NOT_FOUND Secret not found');
});

test('Prism refuses a body without a value', () => {
  expect(after('POST /api/v1/secrets  {')).toMatch(/-> 400 Bad Request\n.*must have required property 'secret'/);
});

test('three secrets are imported after a dry run that changes nothing', () => {
  expect(after('npx cortex-secrets import .env --prefix app- --dry-run')).toContain(
    'plan: 3 to create; nothing was changed',
  );
  expect(after('npx cortex-secrets import .env --prefix app-\n')).toContain('import: 3 created');
  expect(after('npx cortex-secrets list').match(/ app-\w+ +app-\w+ +se\w{16}/g)).toHaveLength(3);
});

test('names the docs and the tests, in lines of at most 80 characters, and prints no value and no key', () => {
  expect(output).toMatch(/npm run docs .*\n[\s\S]*npm cit .* test\//);
  expect(output.split('\n').filter((line) => line.length > 80)).toEqual([]);
  expect(output).not.toMatch(/example-value|canary-of-a-key/);
});
