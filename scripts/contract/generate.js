// npm run generate            writes generated/ from spec/openapi.yaml
// npm run generate -- --check fails if a file of generated/ differs, and lists these files
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { generate } from '../lib/contract/contract.js';
import { generatedDir } from '../lib/contract/contract-dir.js';

const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });

const files = await generate();
const present = await readdir(generatedDir).catch(() => []);
const drift = [];
for (const name of new Set([...Object.keys(files), ...present])) {
  const path = join(generatedDir, name);
  const before = await readFile(path, 'utf8').catch(() => undefined);
  if (before === files[name]) continue;
  const what = before === undefined ? 'missing' : files[name] === undefined ? 'not a generated file' : 'out of date';
  drift.push(`generated/${name}: ${what}`);
  if (values.check) continue;
  await mkdir(generatedDir, { recursive: true });
  if (files[name] === undefined) await rm(path, { recursive: true });
  else await writeFile(path, files[name]);
}

if (values.check && drift.length > 0) {
  console.error(`${drift.join('\n')}\nRun npm run generate and commit the result.`);
  process.exitCode = 1;
} else {
  console.log(drift.length > 0 ? `written:\n${drift.join('\n')}` : 'generated/ is up to date.');
}
