// node scripts/package/clean.js FOLDER...   removes the output of an earlier build, so that no stale file is published
import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const root = new URL('../../', import.meta.url);
for (const folder of process.argv.slice(2)) {
  await rm(fileURLToPath(new URL(folder, root)), { recursive: true, force: true });
}
