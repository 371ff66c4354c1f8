// npm run bench   the client beside its peers, in one run
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import OpenAI from 'openai';
import createOpenapiFetch from 'openapi-fetch';
import { createSecretsClient } from '../dist/index.js';
import { createFakeCortex } from '../dist/testing/index.js';
import { bundledSize } from '../scripts/lib/bundle.js';
import { docsPage } from './docs.js';
import { report as writeReport } from './report.js';
import { inRounds } from './rounds.js';
import * as sideBySide from './side-by-side.js';

const apiKey = 'a-key-for-the-benchmark';
const secret = (i) => ({ id: `se${String(i).padStart(16, '0')}`, tag: `tag-${i}`, name: `Secret number ${i}` });
const pageOf = (size, page = 0, totalPages = 1) =>
  JSON.stringify({
    page,
    secrets: Array.from({ length: size }, (_, i) => secret(page * size + i)),
    total: size * totalPages,
    totalPages,
  });
const rows = [];
const report = (what, figure, goal, met) => rows.push({ what, figure, goal, met: met ? 'yes' : 'no' });
const fixed = (number, digits = 2) => number.toFixed(digits);

/** Microseconds of one call. */
async function timed(calls, call) {
  const begin = performance.now();
  for (let i = 0; i < calls; i++) await call();
  return ((performance.now() - begin) / calls) * 1000;
}

async function oneCall() {
  const body = pageOf(1);
  const fetch = async () => new Response(body, { headers: { 'content-type': 'application/json' } });
  const baseUrl = 'https://cortex.test';
  const ours = createSecretsClient({ apiKey, baseUrl, fetch });
  const bare = createOpenapiFetch({ baseUrl, fetch, headers: { authorization: `Bearer ${apiKey}` } });
  const openai = new OpenAI({ apiKey, baseURL: baseUrl, fetch });
  const query = { page: 0, pageSize: 250 };
  const figures = await inRounds(
    {
      'openapi-fetch': () => timed(1500, () => bare.GET('/api/v1/secrets', { params: { query } })),
      'cortex-secrets': () => timed(1500, () => ours.list()),
      openai: () => timed(1500, () => openai.get('/api/v1/secrets', { query })),
    },
    { rounds: 31, base: 'openapi-fetch' },
  );
  for (const [name, { median, ratio }] of Object.entries(figures)) {
    console.log(
      `one list call, stubbed network: ${name.padEnd(14)} ${fixed(median, 1)} us, ${fixed(ratio)} x openapi-fetch`,
    );
  }
  const { ratio } = figures['cortex-secrets'];
  const peer = ratio / figures.openai.ratio;
  report('one list call, against bare openapi-fetch', `${fixed(ratio)} x`, 'at most 1.1 x', ratio <= 1.1);
  report('one list call, against the openai client', `${fixed(peer)} x`, 'at most 0.5 x', peer <= 0.5);
}

/** Calls a second, 16 at a time. */
async function rate(calls, call) {
  let left = calls;
  const begin = performance.now();
  await Promise.all(
    Array.from({ length: 16 }, async () => {
      while (left-- > 0) await call();
    }),
  );
  return calls / ((performance.now() - begin) / 1000);
}

async function loopback() {
  const server = await started('server.js');
  const baseUrl = `http://127.0.0.1:${server.printed}`;
  const ours = createSecretsClient({ apiKey, baseUrl });
  const headers = { authorization: `Bearer ${apiKey}` };
  for (const [size, calls] of [
    [1, 3000],
    [250, 1500],
  ]) {
    const url = `${baseUrl}/api/v1/secrets?page=0&pageSize=${size}`;
    const figures = await inRounds(
      {
        'raw fetch': () => rate(calls, async () => (await fetch(url, { headers })).json()),
        'raw fetch with a time limit': () =>
          rate(calls, async () => {
            const controller = new AbortController();
            const timer = setTimeout(() => controller.abort(), 30_000);
            try {
              return await (await fetch(url, { headers, signal: controller.signal })).json();
            } finally {
              clearTimeout(timer);
            }
          }),
        'cortex-secrets': () => rate(calls, () => ours.list({ pageSize: size })),
      },
      { rounds: 15, base: 'raw fetch' },
    );
    for (const [name, { median, ratio }] of Object.entries(figures)) {
      console.log(
        `16 at a time, pages of ${size}: ${name.padEnd(27)} ${fixed(median, 0)} a second, ${fixed(ratio)} of raw fetch`,
      );
    }
    const { ratio } = figures['cortex-secrets'];
    report(
      `calls a second, 16 at a time, pages of ${size}`,
      `${fixed(ratio)} of raw fetch`,
      'at least 0.9',
      ratio >= 0.9,
    );
  }
  server.child.disconnect();
}

async function listing() {
  const fetch = async (url) => {
    const page = Number(new URL(url).searchParams.get('page'));
    await sleep(50);
    return new Response(page < 40 ? pageOf(1000, page, 40) : pageOf(0, page, 40));
  };
  const secrets = createSecretsClient({ apiKey, fetch });
  const figures = await inRounds(
    {
      'one after the other': async () => {
        const begin = performance.now();
        for (let page = 0; page < 40; page++) await secrets.list({ page, pageSize: 1000 });
        return performance.now() - begin;
      },
      listAll: async () => {
        const begin = performance.now();
        let count = 0;
        for await (const _ of secrets.listAll()) count++;
        if (count !== 40_000) throw new Error(`listAll gave ${count} secrets`);
        return performance.now() - begin;
      },
    },
    { rounds: 5, base: 'one after the other' },
  );
  for (const [name, { median }] of Object.entries(figures))
    console.log(`40 pages at 50 ms: ${name.padEnd(20)} ${fixed(median, 0)} ms`);
  const { ratio } = figures.listAll;
  report('listing 40 pages at 50 ms each', `${fixed(ratio)} of one after the other`, 'at most 0.25', ratio <= 0.25);
}

async function burst() {
  const total = 2000;
  const results = [];
  for (let round = 0; round < 3; round++) {
    const begin = performance.now();
    let window = -1;
    let left = 0;
    let refused = 0;
    const fetch = async (_, { body }) => {
      await sleep(20);
      const at = performance.now() - begin;
      if (Math.floor(at / 2000) !== window) {
        window = Math.floor(at / 2000);
        left = 500;
      }
      if (left-- <= 0) {
        refused++;
        return new Response(null, {
          status: 429,
          headers: { 'retry-after': String(Math.ceil(2 - (at % 2000) / 1000)) },
        });
      }
      const { tag } = JSON.parse(body);
      return new Response(JSON.stringify({ id: tag, tag }));
    };
    const secrets = createSecretsClient({ apiKey, fetch });
    let lost = 0;
    await Promise.all(
      Array.from({ length: total }, (_, i) =>
        secrets.create({ tag: `t${i}`, name: 'n', secret: 'v' }).catch(() => lost++),
      ),
    );
    results.push({ tookMs: performance.now() - begin, refused, lost });
  }
  // 500 in each window: the last ones can begin after three windows, and take what 500 creates of 20 ms take, 16 at a time.
  const optimum = 3 * 2000 + Math.ceil(500 / 16) * 20;
  const worst = (name) => Math.max(...results.map((result) => result[name]));
  const ratio = worst('tookMs') / optimum;
  const share = worst('refused') / total;
  console.log(
    `2000 creates against 500 every 2 s: ${fixed(worst('tookMs'), 0)} ms (optimum ${optimum} ms), ${worst('refused')} refused, ${worst('lost')} lost`,
  );
  report('2000 creates against 500 every 2 s: time', `${fixed(ratio)} x the optimum`, 'at most 1.3 x', ratio <= 1.3);
  report('the same: refused', `${fixed(share * 100, 1)} %`, 'at most 6 %', share <= 0.06);
  report('the same: lost', String(worst('lost')), 'none', worst('lost') === 0);
}

async function size() {
  const { gzipped } = await bundledSize('./dist/index.js');
  report('minified and gzipped, all included', `${gzipped} bytes`, 'at most 8500', gzipped <= 8500);
}

/** Requests a second of a server: raw bytes on a few sockets, so that the asking costs next to nothing. */
async function requestRate(baseUrl, path, count) {
  const { port } = new URL(baseUrl);
  const request = `GET ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer fake-api-key\r\n\r\n`;
  let left = count;
  const begin = performance.now();
  await Promise.all(
    Array.from({ length: 16 }, async () => {
      const socket = connect(Number(port), '127.0.0.1').setNoDelay(true);
      let tail = '';
      const ask = () => (left-- > 0 ? socket.write(request) : socket.destroy());
      socket.on('data', (data) => {
        // An answer ends with its JSON: nothing else in it has this end.
        const text = tail + data.toString('latin1');
        tail = text.slice(-40);
        if (/"totalPages":\d+}$/.test(text)) ask();
      });
      await once(socket, 'connect');
      ask();
      await once(socket, 'close');
    }),
  );
  return count / ((performance.now() - begin) / 1000);
}

const seedOf = (count) => Array.from({ length: count }, (_, i) => ({ ...secret(i), secret: 'a value' }));

/** A server in a process of its own, and where it is. */
async function started(program, ...args) {
  const child = fork(fileURLToPath(new URL(program, import.meta.url)), args, { silent: true });
  const [printed] = await once(child.stdout, 'data');
  return { child, printed: String(printed).trim() };
}

async function fakes() {
  const body = pageOf(1);
  const stub = async () => new Response(body, { headers: { 'content-type': 'application/json' } });
  const cortex = createFakeCortex({ seed: seedOf(1) });
  const overStub = createSecretsClient({ apiKey, baseUrl: cortex.baseUrl, fetch: stub });
  const { fetch, baseUrl } = cortex;
  const overFake = createSecretsClient({ apiKey: cortex.apiKey, baseUrl, fetch });
  const one = await inRounds(
    {
      'stubbed network': () => timed(1500, () => overStub.list()),
      'in-memory Cortex': async () => {
        const took = await timed(1500, () => overFake.list());
        cortex.reset(); // what it remembers of the requests
        return took;
      },
    },
    { rounds: 31, base: 'stubbed network' },
  );
  const call = one['in-memory Cortex'];
  console.log(`one list call over the in-memory Cortex: ${fixed(call.median, 1)} us, ${fixed(call.ratio)} x the stub`);
  report('a call of the in-memory Cortex', `${fixed(call.ratio)} x the stub`, 'at most 2 x', call.ratio <= 2);

  const file = join(await mkdtemp(join(tmpdir(), 'cortex-secrets-bench-')), 'seed.json');
  await writeFile(file, JSON.stringify(seedOf(1000)));
  const bare = await started('server.js');
  const mock = await started('../dist/mock/cli.js', 'mock', '--port', '0', '--json', '--seed', file);
  const { url } = JSON.parse(mock.printed);
  for (const size of [1, 250]) {
    const path = `/api/v1/secrets?page=0&pageSize=${size}`;
    const figures = await inRounds(
      {
        'bare node:http': () => requestRate(`http://127.0.0.1:${bare.printed}`, path, size === 1 ? 20_000 : 5000),
        'npx cortex-secrets mock': () => requestRate(url, path, size === 1 ? 20_000 : 5000),
      },
      { rounds: 9, base: 'bare node:http' },
    );
    for (const [name, { median, ratio }] of Object.entries(figures))
      console.log(`pages of ${size}: ${name.padEnd(23)} ${fixed(median, 0)} a second, ${fixed(ratio)} of node:http`);
    const { ratio } = figures['npx cortex-secrets mock'];
    report(
      `the mock, requests a second, pages of ${size}`,
      `${fixed(ratio)} of node:http`,
      'at least 0.5',
      ratio >= 0.5,
    );
  }
  bare.child.disconnect();
  mock.child.kill();

  const large = createFakeCortex({ seed: seedOf(100_000) });
  const headers = { authorization: `Bearer ${large.apiKey}` };
  const times = [];
  for (let page = 0; page < 100; page++) {
    const begin = performance.now();
    const answer = await large.fetch(`${large.baseUrl}/api/v1/secrets?page=${page}&pageSize=1000`, { headers });
    await answer.text();
    times.push(performance.now() - begin);
  }
  const [median, worst] = [times.toSorted((a, b) => a - b)[50], Math.max(...times)];
  console.log(`100,000 secrets, a page of 1000: ${fixed(median)} ms, ${fixed(worst)} ms at worst`);
  report('100,000 secrets: a page of 1000', `${fixed(median)} ms`, 'under 5 ms', median < 5);
}

async function docs() {
  const { bytes, paintMs, usableMs, missing } = await docsPage();
  report('the docs page', `${fixed(bytes / 1e6)} MB`, 'under 3 MB', bytes < 3e6);
  if (missing) return console.log(`the docs page was not opened: ${missing}`);
  console.log(
    `the docs page from a file: first content after ${fixed(paintMs, 0)} ms, usable after ${fixed(usableMs, 0)} ms`,
  );
  report('the docs page: first content', `${fixed(paintMs, 0)} ms`, 'under 2000 ms', paintMs < 2000);
}

const tables = [await sideBySide.oneCall(pageOf(1))];
for (const measure of [sideBySide.loopback, sideBySide.weight, sideBySide.types]) tables.push(await measure());
for (const { title, head, rows: lines } of tables) {
  console.log(`\n${title}`);
  console.table(lines.map((line) => Object.fromEntries(head.map((name, i) => [name, line[i]]))));
}

await size();
await docs();
await oneCall();
await fakes();
await loopback();
await listing();
await burst();
console.log(`\nGoals, Node ${process.versions.node}; medians of the ratios within each round`);
console.table(rows);
await writeReport({ tables, goals: rows });
