// node scripts/contract/diff-vendor.js FILE   compares the contract with the vendor's documentation
//
// FILE is the Markdown form of the vendor's page (https://docs.cortex.io/api/readme/secrets.md), which contains the vendor's
// OpenAPI description. Exits with 1 if there is a difference that the contract does not intend, and with 2 if the file has
// no OpenAPI description.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generatedDir } from '../lib/contract/contract-dir.js';
import { compareWithVendor, openApiIn } from '../lib/contract/vendor.js';

try {
  const [file] = process.argv.slice(2);
  if (!file) throw new Error('missing argument; usage: node scripts/contract/diff-vendor.js FILE');
  const vendor = openApiIn(await readFile(file, 'utf8'));
  if (vendor.length === 0) throw new Error(`${file} contains no OpenAPI description`);
  const contract = JSON.parse(await readFile(join(generatedDir, 'openapi.json'), 'utf8'));
  const { drift, intended } = compareWithVendor(contract, vendor);
  for (const line of intended) console.log(`intended  ${line}`);
  for (const line of drift) console.log(`DIFFERS   ${line}`);
  console.log(`${drift.length} differences, and ${intended.length} intended ones.`);
  process.exitCode = drift.length > 0 ? 1 : 0;
} catch (error) {
  console.error(/** @type {Error} */ (error).message);
  process.exitCode = 2;
}
