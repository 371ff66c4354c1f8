// The client beside its peers: each gives a table with a row for each of them, and a dash for what one can't do.
import { execFile } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { bundledSize } from '../scripts/lib/bundle.js';
import { creators, IMPORTS, listers, readers } from './peers.js';
import { inRounds, median } from './rounds.js';
import { pageOf, rate, started, stub, timed } from './work.js';

const execute = promisify(execFile);
const here = fileURLToPath(new URL('.', import.meta.url));
const tsc = fileURLToPath(new URL('../node_modules/typescript/bin/tsc', import.meta.url));
const NAMES = ['raw fetch', ...Object.keys(IMPORTS)];
/** The queue of Octokit's plugin-retry takes milliseconds for each call: fewer of them tell as much. */
const fewer = (name, calls) => (name === 'octokit + retry' ? Math.ceil(calls / 10) : calls);

const times = (ratio) => `${ratio.toFixed(2)} x`;
const measured = (clients, measure) =>
  Object.fromEntries(Object.entries(clients).map(([name, call]) => [name, () => measure(name, call)]));
const rows = (figures, cells) =>
  NAMES.map((name) => [name, ...(figures[name] ? cells(figures[name]) : cells().map(() => '-'))]);

/** Microseconds of one list call over a stubbed network. */
export async function oneCall() {
  const clients = readers({ baseUrl: 'https://cortex.test', pageSize: 250, fetch: stub(pageOf(1)) });
  const candidates = measured(clients, (name, call) => timed(fewer(name, 400), call));
  const figures = await inRounds(candidates, { rounds: 15, base: 'raw fetch' });
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
  const { child, printed } = await started('server.js');
  const baseUrl = `http://127.0.0.1:${printed}`;
  const columns = [];
  for (const atOnce of [1, 16]) {
    for (const [pageSize, calls] of [
      [1, 600],
      [250, 300],
      [1000, 120],
    ]) {
      const candidates = measured(readers({ baseUrl, pageSize }), (name, call) =>
        rate(fewer(name, calls), atOnce, call),
      );
      const figures = await inRounds(candidates, { rounds: 7, base: 'raw fetch' });
      columns.push({ name: `${atOnce} at a time, pages of ${pageSize}`, figures });
    }
  }
  child.disconnect();
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

/** Every secret of 40 pages that take 50 ms each. */
export async function listing() {
  const { child, printed } = await started('limited-server.js');
  const candidates = measured(listers({ baseUrl: `http://127.0.0.1:${printed}` }), async (name, list) => {
    const begin = performance.now();
    let count = 0;
    for await (const _ of list()) count++;
    if (count !== 40_000) throw new Error(`${name} gave ${count} secrets`);
    return performance.now() - begin;
  });
  const figures = await inRounds(candidates, { rounds: 5, base: 'raw fetch' });
  child.disconnect();
  return {
    title: 'Listing 40,000 secrets: 40 pages at 50 ms each',
    note: 'Raw fetch asks for one page after the other. A dash: no listing of its own.',
    head: ['client', 'time', 'of raw fetch'],
    rows: rows(figures, ({ median: at = 0, ratio = 0 } = {}) => [`${at.toFixed(0)} ms`, times(ratio)]),
    ratio: figures['cortex-secrets'].ratio,
  };
}

const BURST = 2000;
// 500 in each window of 2 seconds: the last ones can begin after three windows, and take what 500 creates of 20 ms take,
// 16 at a time. A client that sends more at a time is faster in the last window only.
const OPTIMUM_MS = 3 * 2000 + Math.ceil(500 / 16) * 20;

/** 2,000 creates at once, against a server that lets 500 through every 2 seconds. */
async function burstOf(name, rounds) {
  const results = [];
  for (let round = 0; round < rounds; round++) {
    const { child, printed } = await started('limited-server.js');
    const baseUrl = `http://127.0.0.1:${printed}`;
    const create = creators({ baseUrl })[name];
    const begin = performance.now();
    let lost = 0;
    await Promise.all(
      Array.from({ length: BURST }, (_, i) =>
        create({ tag: `t${i}`, name: 'n', secret: 'v' }).catch(() => {
          lost++;
        }),
      ),
    );
    const tookMs = performance.now() - begin;
    const { refused } = await (await fetch(`${baseUrl}/seen`)).json();
    results.push({ ofOptimum: tookMs / OPTIMUM_MS, refused: refused / BURST, lost });
    child.disconnect();
  }
  const worst = (what) => Math.max(...results.map((result) => result[what]));
  return { ofOptimum: worst('ofOptimum'), refused: worst('refused'), lost: worst('lost') };
}

export async function burst() {
  const figures = {};
  for (const name of Object.keys(creators({ baseUrl: 'http://127.0.0.1' })))
    figures[name] = await burstOf(name, name === 'cortex-secrets' ? 3 : 1);
  return {
    title: '2,000 creates at once, 500 let through every 2 s',
    note: `Time against the optimum (${OPTIMUM_MS} ms), requests that were refused, creates that were lost; of our three runs the worst. Each client that can repeat a refused create does so up to three times, and waits as it does by default: ofetch not at all, octokit (with plugin-retry) without a look at Retry-After. A dash: it can’t repeat.`,
    head: ['client', 'time', 'refused', 'lost'],
    rows: rows(figures, ({ ofOptimum = 0, refused = 0, lost = 0 } = {}) => [
      `${times(ofOptimum)}`,
      `${(refused * 100).toFixed(1)} %`,
      String(lost),
    ]),
    ours: figures['cortex-secrets'],
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
  const { minified, parts } = await bundledSize('./dist/index.js');
  const share = (name) => `${((100 * parts.find(([file]) => file.includes(name))[1]) / minified).toFixed(0)} %`;
  return {
    title: 'Weight',
    note: `Minified and gzipped for browsers, with all dependencies; what an import adds to a fresh process of Node. undici.request is for Node alone. Part of what an import adds is Node’s own fetch, which those load that name Request or Headers at once, and ours with its first call. Of ours openapi-fetch is ${share('openapi-fetch')}, and the validators are ${share('validators.js')}.`,
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
  'octokit + retry': `import { Octokit } from '@octokit/core'; export const total = new Octokit().request('GET /a').then(({ data }) => data.total);`,
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
