// Runs the smoke suite in Node, Bun and Deno, and prints its results as JSON.

import { inspect } from 'node:util';
import * as cortexSecrets from 'cortex-secrets';
import { smoke } from './smoke.js';

const server = JSON.parse(process.argv[2]);
const results = await smoke(cortexSecrets, server, (value) => inspect(value, { depth: 9, showHidden: true }));
console.log(JSON.stringify(results));
process.exit(0);
