// npm run docs   renders the contract into site/index.html: one page that works offline and asks no host for anything
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { generatedDir } from './lib/contract-dir.js';
import { redocly } from './lib/redocly.js';

const site = fileURLToPath(new URL('../site/', import.meta.url));
const page = join(site, 'index.html');

await mkdir(site, { recursive: true });
const { code, stderr } = await redocly(
  'build-docs',
  join(generatedDir, 'openapi.yaml'),
  '--output',
  page,
  '--inlineBundle',
);
if (code !== 0) {
  console.error(stderr);
  process.exit(1);
}

// Even an inlined Redoc asks a CDN for one picture, its logo.
const logo = /https:\/\/cdn\.redoc\.ly\/redoc\/[\w-]+\.svg/g;
const html = await readFile(page, 'utf8');
if (!logo.test(html)) throw new Error('The logo of Redoc is not where it was: see what the page asks other hosts for.');
const offline = html.replaceAll(logo, 'data:,');
await writeFile(page, offline);
console.log(
  `${Math.round(Buffer.byteLength(offline) / 1000)} kB in ${page}\nOpen ${pathToFileURL(page)} in a browser.`,
);
