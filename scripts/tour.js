// npm start   a tour: calls every method of the built client against a mock of the contract
import { styleText } from 'node:util';
import { createSecretsClient, isCortexError, VERSION } from 'cortex-secrets';
import { startPrism } from './lib/prism.js';

const colours = process.stdout.isTTY && !process.env.NO_COLOR;
/** @param {Parameters<typeof styleText>[0]} style */
const paint = (style, text) => (colours ? styleText(style, text) : text);

const MASK = '********';
const INDENT = ' '.repeat(12);
/** Formats a value as a line of code, with the value of a secret masked. */
const show = (value) => {
  if (Array.isArray(value)) return `[${value.map((item) => `\n${INDENT}     ${show(item)},`).join('')}\n${INDENT}   ]`;
  if (typeof value !== 'object' || value === null) return typeof value === 'string' ? `'${value}'` : String(value);
  const fields = Object.entries(value).map(([key, field]) => `${key}: ${key === 'secret' ? `'${MASK}'` : show(field)}`);
  return `{ ${fields.join(', ')} }`;
};

/** The `Prefer` header of the next request, to show error responses too. */
let prefer;
const mock = await startPrism();
const secrets = createSecretsClient({
  apiKey: 'a-key-for-the-mock',
  baseUrl: mock.url,
  fetch(url, init) {
    const preferred = prefer;
    prefer = undefined;
    return fetch(url, preferred ? { ...init, headers: { ...init.headers, prefer: preferred } } : init);
  },
  onAttempt({ method, path, status, durationMs, retryInMs }) {
    const result = `${status} in ${Math.round(durationMs)} ms`;
    const wait = retryInMs === undefined ? '' : `, retry in ${retryInMs / 1000} s (Retry-After)`;
    line('', paint('dim', `${method} ${path}  ${result}${wait}`));
  },
});

const line = (label, text) => console.log(`${paint('cyan', label.padEnd(INDENT.length))}${text}`);

async function step(method, ...args) {
  line(method, paint('bold', `secrets.${method}(${args.map(show).join(', ')})`));
  try {
    const value = await secrets[method](...args);
    line('', `-> ${paint('green', value === undefined ? 'done' : show(value))}`);
  } catch (error) {
    if (!isCortexError(error) || error.name !== 'ApiError') throw error;
    line('', `-> ${paint('yellow', `${error.name}  ${error.message}`)}`);
    line('', paint('yellow', `   status: ${error.status}, type: ${show(error.type)}, outcome: ${show(error.outcome)}`));
  }
  console.log();
}

console.log(`\n${paint('bold', `cortex-secrets ${VERSION}`)}: calls against a mock of the contract on ${mock.url}\n`);
try {
  await step('list', { pageSize: 50 });
  await step('create', { tag: 'deploy-token', name: 'Deploy token', secret: 'example-value-not-a-real-one' });
  await step('get', 'my-secret');
  await step('update', 'my-secret', { secret: 'example-value-rotated' });
  prefer = 'code=429';
  await step('get', 'my-secret');
  prefer = 'code=404';
  await step('get', 'no-such-secret');
  await step('delete', 'my-secret');
} finally {
  await mock.close();
}

console.log(`What next:
  npm run docs    builds the docs site into site/
  npm run mock    starts the same mock (Prism), for curl or your own code
  npm cit         runs every check and test
`);
