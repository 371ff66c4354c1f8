// The client beside its peers: each gives a table with a row for each of them, and a dash for what one can't do.
import { execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { IMPORTS, peers } from './peers.js';
import { inRounds, median } from './rounds.js';

const execute = promisify(execFile);
const here = fileURLToPath(new URL('.', import.meta.url));
const tsc = fileURLToPath(new URL('../node_modules/typescript/bin/tsc', import.meta.url));
const apiKey = 'a-key-for-the-benchmark';
const NAMES = ['raw fetch', ...Object.keys(IMPORTS)];
/** Octokit's queue takes milliseconds for each call: fewer of them tell as much. */
const fewer = (name, calls) => (name === '@octokit/core' ? Math.ceil(calls / 10) : calls);

const times = (ratio) => `${ratio.toFixed(2)} x`;
const rows = (figures, cells) =>
  NAMES.map((name) => [name, ...(figures[name] ? cells(figures[name]) : cells().map(() => '-'))]);

/** Microseconds of one list call over a stubbed network. */
export async function oneCall(body) {
  const fetch = async () => new Response(body, { headers: { 'content-type': 'application/json' } });
  const clients = peers({ baseUrl: 'https://cortex.test', apiKey, pageSize: 250, fetch });
  const candidates = Object.entries(clients).map(([name, call]) => [
    name,
    async () => {
      const calls = fewer(name, 400);
      const begin = performance.now();
      for (let i = 0; i < calls; i++) await call();
      return ((performance.now() - begin) / calls) * 1000;
    },
  ]);
  const figures = await inRounds(Object.fromEntries(candidates), { rounds: 15, base: 'raw fetch' });
  return {
    title: 'One list call, stubbed network',
    note: 'Microseconds, and as a multiple of raw fetch with the same stub. undici.request can’t be stubbed this way.',
    head: ['client', 'time', 'of raw fetch'],
    rows: rows(figures, ({ median: at = 0, ratio = 0 } = {}) => [`${at.toFixed(0)} us`, times(ratio)]),
    bars: NAMES.filter((name) => figures[name]).map((name) => ({ name, value: figures[name].median })),
  };
}

/** Calls a second over loopback. */
export async function loopback() {
  const server = fork(`${here}server.js`, { silent: true });
  const [port] = await once(server.stdout, 'data');
  const baseUrl = `http://127.0.0.1:${String(port).trim()}`;
  const columns = [];
  for (const atOnce of [1, 16]) {
    for (const [pageSize, calls] of [
      [1, 600],
      [250, 300],
      [1000, 120],
    ]) {
      const candidates = Object.entries(peers({ baseUrl, apiKey, pageSize })).map(([name, call]) => [
        name,
        async () => {
          const total = fewer(name, calls);
          let left = total;
          const begin = performance.now();
          await Promise.all(
            Array.from({ length: atOnce }, async () => {
              while (left-- > 0) await call();
            }),
          );
          return total / ((performance.now() - begin) / 1000);
        },
      ]);
      const figures = await inRounds(Object.fromEntries(candidates), { rounds: 7, base: 'raw fetch' });
      columns.push({ name: `${atOnce} at a time, pages of ${pageSize}`, figures });
    }
  }
  server.disconnect();
  return {
    title: 'Calls a second over loopback',
    note: 'And as a share of raw fetch in the same round. The server is a process of its own.',
    head: ['client', ...columns.map(({ name }) => name)],
    rows: NAMES.map((name) => [
      name,
      ...columns.map(({ figures }) => `${figures[name].median.toFixed(0)} (${figures[name].ratio.toFixed(2)})`),
    ]),
  };
}

/** What a client weighs, and what it costs a fresh process. */
export async function weight() {
  const sizes = {};
  const imports = {};
  for (const [name, contents] of Object.entries(IMPORTS)) {
    if (!contents) continue;
    const { outputFiles } = await build({
      stdin: { contents, resolveDir: here },
      bundle: true,
      minify: true,
      format: 'esm',
      platform: 'browser',
      target: 'es2022',
      write: false,
    });
    sizes[name] = gzipSync(outputFiles[0].contents, { level: 9 }).length;
  }
  const measure = async (contents) => {
    const file = `${here}.import.mjs`;
    await writeFile(file, contents);
    const script = `const begin = performance.now(); await import('./.import.mjs'); console.log(performance.now() - begin, process.memoryUsage().rss);`;
    const { stdout } = await execute(process.execPath, ['--input-type=module', '--eval', script], { cwd: here });
    await rm(file);
    return stdout.trim().split(' ').map(Number);
  };
  const all = { nothing: '', ...IMPORTS, 'undici.request': "export { request } from 'undici';" };
  const seen = Object.fromEntries(Object.keys(all).map((name) => [name, []]));
  for (let round = 0; round < 7; round++)
    for (const [name, contents] of Object.entries(all)) seen[name].push(await measure(contents));
  const medianOf = (name, at) => median(seen[name].map((one) => one[at]));
  for (const name of Object.keys(IMPORTS))
    imports[name] = {
      ms: medianOf(name, 0) - medianOf('nothing', 0),
      mb: (medianOf(name, 1) - medianOf('nothing', 1)) / 1e6,
    };
  return {
    title: 'Weight',
    note: 'Minified and gzipped for browsers, with all dependencies; what an import adds to a fresh process of Node. undici.request is for Node alone.',
    head: ['client', 'gzipped', 'import', 'memory'],
    rows: Object.keys(IMPORTS).map((name) => [
      name,
      sizes[name] ? `${(sizes[name] / 1000).toFixed(1)} kB` : '-',
      `${imports[name].ms.toFixed(0)} ms`,
      `${imports[name].mb.toFixed(1)} MB`,
    ]),
  };
}

/** What a user's file costs the compiler. */
const USES = {
  'cortex-secrets': `import { createSecretsClient } from '../dist/index.js'; export const total = createSecretsClient({ apiKey: 'k' }).list().then((page) => page.total);`,
  'openapi-fetch': `import createClient from 'openapi-fetch'; import type { paths } from '../generated/schema.js'; export const total = createClient<paths>().GET('/api/v1/secrets').then(({ data }) => data?.total);`,
  ky: `import ky from 'ky'; export const total = ky.get('a').json<{ total: number }>().then((page) => page.total);`,
  ofetch: `import { ofetch } from 'ofetch'; export const total = ofetch<{ total: number }>('a').then((page) => page.total);`,
  axios: `import axios from 'axios'; export const total = axios.get<{ total: number }>('a').then(({ data }) => data.total);`,
  openai: `import OpenAI from 'openai'; export const total = new OpenAI().get<{ total: number }>('/a').then((page) => page.total);`,
  '@octokit/core': `import { Octokit } from '@octokit/core'; export const total = new Octokit().request('GET /a').then(({ data }) => data.total);`,
  'undici.request': `import { request } from 'undici'; export const total = request('a').then(async ({ body }) => ((await body.json()) as { total: number }).total);`,
};

export async function types() {
  const figures = {};
  const file = `${here}.user.ts`;
  for (const [name, contents] of Object.entries(USES)) {
    await writeFile(file, contents);
    const settings = '--noEmit --strict --skipLibCheck --module nodenext --target es2022 --lib es2022,dom';
    const runs = [];
    for (let round = 0; round < 3; round++) {
      const { stdout } = await execute(process.execPath, [tsc, ...settings.split(' '), '--extendedDiagnostics', file], {
        cwd: here,
      });
      const read = (what) => Number(RegExp(`^${what}: +([\\d.]+)`, 'm').exec(stdout)?.[1]);
      runs.push({ instantiations: read('Instantiations'), check: read('Check time') });
    }
    figures[name] = { instantiations: runs[0].instantiations, check: median(runs.map(({ check }) => check)) };
  }
  await rm(file);
  return {
    title: 'Types',
    note: 'A user’s file with one call, TypeScript 5.9 under `strict`.',
    head: ['client', 'instantiations', 'check time'],
    rows: Object.entries(figures).map(([name, { instantiations, check }]) => [
      name,
      String(instantiations),
      `${check.toFixed(2)} s`,
    ]),
  };
}
