// node scripts/clean.js FOLDER...   removes what a build made, so that nothing of an older one is shipped
import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const root = new URL('../', import.meta.url);
for (const folder of process.argv.slice(2)) {
  await rm(fileURLToPath(new URL(folder, root)), { recursive: true, force: true });
}
