/** `npm run generate` writes what differs from the contract, always the same bytes, and `--check` reports it. */
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../', import.meta.url));
let copy: string;

beforeAll(async () => {
  copy = await mkdtemp(join(tmpdir(), 'cortex-secrets-generate-'));
  for (const name of ['spec', 'generated', 'scripts', 'package.json', 'redocly.yaml']) {
    await cp(join(root, name), join(copy, name), { recursive: true });
  }
  await symlink(join(root, 'node_modules'), join(copy, 'node_modules'));
});
afterAll(() => rm(copy, { recursive: true }));

// `npm test` compares the committed files itself, before the tests.
test('--check names a file that was edited, is missing, or is not generated', async () => {
  await writeFile(join(copy, 'generated', 'schema.d.ts'), 'export {};\n');
  await rm(join(copy, 'generated', 'openapi.json'));
  await writeFile(join(copy, 'generated', 'left-over.js'), '');
  const { code, stderr } = await run(process.execPath, ['scripts/contract/generate.js', '--check'], {
    cwd: copy,
  }).catch((error) => error);
  expect(code).toBe(1);
  expect(stderr).toContain('generated/schema.d.ts: out of date');
  expect(stderr).toContain('generated/openapi.json: missing');
  expect(stderr).toContain('generated/left-over.js: not a generated file');
  expect(stderr).not.toContain('validators');
});

test('writes and removes what differs from a changed contract', async () => {
  const spec = join(copy, 'spec', 'openapi.yaml');
  await writeFile(spec, (await readFile(spec, 'utf8')).replace('required: [id, tag]', 'required: [id, tag, name]'));
  const { stdout } = await run(process.execPath, ['scripts/contract/generate.js'], { cwd: copy });
  for (const name of [
    'openapi.json',
    'openapi-3.0.json',
    'openapi.yaml',
    'schema.d.ts',
    'validators.js',
    'left-over.js',
  ])
    expect(stdout).toContain(name);
  expect(await readdir(join(copy, 'generated'))).toEqual(await readdir(join(root, 'generated')));
  expect(await readFile(join(copy, 'generated', 'openapi.json'), 'utf8')).toMatch(/"tag",\s+"name"/);
});
