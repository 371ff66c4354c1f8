// npm start   a tour: the built client and command line on an in-memory Cortex, and Prism, which refuses a wrong body
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { styleText } from 'node:util';
import { createSecretsClient, isCortexError, VERSION } from 'cortex-secrets';
import { startFaulty } from './lib/checks/faulty.js';
import { startPrism } from './lib/contract/prism.js';

const cli = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
const colours = process.stdout.isTTY && !process.env.NO_COLOR;
/** @param {Parameters<typeof styleText>[0]} style */
const paint = (style, text) => (colours ? styleText(style, text) : text);
const print = (text = '', style) => console.log(style && text ? paint(style, text) : text);

const MASK = '***';
/** Formats a value as a line of code, with the value of a secret masked. */
const show = (value) => {
  if (Array.isArray(value)) return `[${value.map((item) => `\n       ${show(item)},`).join('')}\n     ]`;
  if (typeof value !== 'object' || value === null) return typeof value === 'string' ? `'${value}'` : String(value);
  const fields = Object.entries(value).map(([key, field]) => `${key}: ${key === 'secret' ? `'${MASK}'` : show(field)}`);
  return `{ ${fields.join(', ')} }`;
};

const VALUES = ['example-value-one', 'example-value-two', 'example-value-three'];

const { server, close } = await startFaulty();
const { baseUrl, apiKey, controlUrl } = server;
const folder = await mkdtemp(join(tmpdir(), 'cortex-secrets-tour-'));
const secrets = createSecretsClient({
  apiKey,
  baseUrl,
  onAttempt({ method, path, status, durationMs, retryInMs }) {
    const wait = retryInMs === undefined ? '' : `, retry in ${retryInMs / 1000} s (Retry-After)`;
    print(`     ${method} ${path}  ${status} in ${Math.round(durationMs)} ms${wait}`, 'dim');
  },
});

/** Calls a method, and prints what it returns or throws. */
async function step(method, ...args) {
  print(`  secrets.${method}(${args.map(show).join(', ')})`, 'bold');
  try {
    const value = await secrets[method](...args);
    print(`     -> ${value === undefined ? 'done' : show(value)}`, 'green');
  } catch (error) {
    if (!isCortexError(error) || error.name !== 'ApiError') throw error;
    print(`     -> ${error.name}: ${error.message}`, 'yellow');
    print(`        status: ${error.status}, type: ${show(error.type)}, outcome: ${show(error.outcome)}`, 'yellow');
  }
  print();
}

async function theClient() {
  print('1. The client, on an in-memory Cortex (npx cortex-secrets mock)\n', 'cyan');
  await step('create', { tag: 'deploy-token', name: 'Deploy token', secret: VALUES[0] });
  await step('update', 'deploy-token', { name: 'Rotated token', secret: VALUES[1] });
  await step('get', 'deploy-token');
  await step('list', { pageSize: 50 });
  await fetch(`${controlUrl}/fail`, {
    method: 'POST',
    body: JSON.stringify({ operation: 'get', fault: { status: 429, retryAfter: 1 }, times: 1 }),
  });
  await step('get', 'deploy-token');
  await step('delete', 'deploy-token');
  await step('get', 'deploy-token');
}

async function aWrongBody() {
  print('2. A wrong body, refused by Prism, a mock made from the contract (npm run mock)\n', 'cyan');
  const prism = await startPrism();
  try {
    const body = JSON.stringify({ tag: 'deploy-token', name: 'Deploy token' });
    print(`  POST /api/v1/secrets  ${body}`, 'bold');
    const headers = { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' };
    const response = await fetch(`${prism.url}/api/v1/secrets`, { method: 'POST', headers, body });
    print(`     -> ${response.status} ${response.statusText}`, 'yellow');
    for (const { message } of JSON.parse(response.headers.get('sl-violations') ?? '[]')) print(`        ${message}`);
  } finally {
    await prism.close();
  }
}

/** Runs the command line, and indents what it prints. */
async function run(...args) {
  print(`  npx cortex-secrets ${args.join(' ')}`, 'bold');
  const env = {
    ...process.env,
    CORTEX_API_KEY: apiKey,
    CORTEX_BASE_URL: baseUrl,
    NO_COLOR: '1',
    FORCE_COLOR: undefined,
  };
  const child = spawn(process.execPath, [cli, ...args, '--output', 'table'], { cwd: folder, env });
  let [data, notes] = ['', ''];
  child.stdout.on('data', (chunk) => (data += chunk));
  child.stderr.on('data', (chunk) => (notes += chunk));
  const [code] = await once(child, 'close');
  print(`${data}${notes}`.replace(/^(?=.)/gm, '     '));
  if (code !== 0) throw new Error(`cortex-secrets ${args[0]} exited with ${code}`);
}

async function manySecrets() {
  print('\n3. Many secrets, by the command line\n', 'cyan');
  const lines = ['DB_PASSWORD', 'SMTP_PASSWORD', 'API_TOKEN'].map((name, i) => [name, VALUES[i]]);
  await writeFile(join(folder, '.env'), lines.map(([name, value]) => `${name}=${value}\n`).join(''), { mode: 0o600 });
  print('  cat .env', 'bold');
  for (const [name] of lines) print(`     ${name}=${MASK}`);
  print();
  await run('import', '.env', '--prefix', 'app-', '--dry-run');
  await run('import', '.env', '--prefix', 'app-');
  await run('list');
}

print(`\ncortex-secrets ${VERSION}\n`, 'bold');
try {
  await theClient();
  await aWrongBody();
  await manySecrets();
} finally {
  close();
  await rm(folder, { recursive: true });
}

print('4. What next\n', 'cyan');
print(`  npm run docs              builds the docs site into site/
  npx cortex-secrets mock   starts the Cortex of step 1, for your own code
  npm run mock              starts Prism, as in step 2
  npm cit                   runs every check and test; the tests are in test/
  README.md, docs/          methods, options, errors, command line, testing
`);
