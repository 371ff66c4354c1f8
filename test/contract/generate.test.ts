/** `npm run generate` is deterministic, and `--check` reports files that differ. */
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { generate } from '../../scripts/lib/contract/contract.js';

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

const check = () =>
  run(process.execPath, ['scripts/contract/generate.js', '--check'], { cwd: copy }).then(
    () => ({ failed: false, stderr: '' }),
    ({ stderr }: { stderr: string }) => ({ failed: true, stderr }),
  );

test('generates the same bytes each time, equal to the committed files', async () => {
  const [one, two] = [await generate(), await generate()];
  expect(two).toEqual(one);
  for (const [name, text] of Object.entries(one)) {
    expect(await readFile(join(root, 'generated', name), 'utf8'), name).toBe(text);
  }
});

test('--check names a file that was edited, is missing, or is not generated', async () => {
  await writeFile(join(copy, 'generated', 'schema.d.ts'), 'export {};\n');
  await rm(join(copy, 'generated', 'openapi.json'));
  await writeFile(join(copy, 'generated', 'left-over.js'), '');
  const { failed, stderr } = await check();
  expect(failed).toBe(true);
  expect(stderr).toContain('generated/schema.d.ts: out of date');
  expect(stderr).toContain('generated/openapi.json: missing');
  expect(stderr).toContain('generated/left-over.js: not a generated file');
  expect(stderr).not.toContain('validators');

  await run(process.execPath, ['scripts/contract/generate.js'], { cwd: copy });
  expect(await check()).toEqual({ failed: false, stderr: '' });
});

test('--check reports the files of a changed contract', async () => {
  const spec = join(copy, 'spec', 'openapi.yaml');
  await writeFile(spec, (await readFile(spec, 'utf8')).replace('required: [id, tag]', 'required: [id, tag, name]'));
  const { stderr } = await check();
  for (const name of ['openapi.json', 'openapi-3.0.json', 'openapi.yaml', 'schema.d.ts', 'validators.js'])
    expect(stderr).toContain(name);
});
