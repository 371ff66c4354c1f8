// Spectral finds nothing in both documents, with its own rules and those for OWASP's API Security Top 10.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';

/** Rules that do not apply: this is the description of somebody else's server. */
const EXCEPTIONS = {
  // Limits that the vendor does not document: a client that enforced invented ones would fail on valid responses.
  'owasp:api4:2023-string-limit': 'off',
  'owasp:api4:2023-string-restricted': 'off',
  'owasp:api4:2023-integer-limit': 'off',
  'owasp:api4:2023-integer-limit-legacy': 'off',
  'owasp:api4:2023-array-limit': 'off',
  // Cortex documents `Retry-After` on 429 only, and no headers with the remaining requests.
  'owasp:api4:2023-rate-limit': 'off',
  // The default response describes 5xx.
  'owasp:api8:2023-define-error-responses-500': 'off',
  // CORS headers are not documented, and a browser must not have an API key.
  'owasp:api8:2023-define-cors-origin': 'off',
  // For the inventory of the API's owner.
  'owasp:api9:2023-inventory-access': 'off',
  'owasp:api9:2023-inventory-environment': 'off',
};

const [folder] = process.argv.slice(2);
const ruleset = { extends: ['spectral:oas', '@stoplight/spectral-owasp-ruleset'], rules: EXCEPTIONS };
writeFileSync('.spectral.json', JSON.stringify(ruleset));
const documents = ['openapi.json', 'openapi-3.0.json'].map((name) => `${folder}/${name}`);
const cli = 'node_modules/@stoplight/spectral-cli/dist/index.js';
const args = [cli, 'lint', ...documents, '--ruleset', '.spectral.json', '--fail-severity', 'hint', '--quiet'];
execFileSync(process.execPath, args, { stdio: 'inherit' });
