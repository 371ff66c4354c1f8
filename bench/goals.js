// Measures the goals of the project: each function returns rows of { what, figure, goal, met }.
import { once } from 'node:events';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import OpenAI from 'openai';
import createOpenapiFetch from 'openapi-fetch';
import { createSecretsClient } from '../dist/index.js';
import { createFakeCortex } from '../dist/testing/index.js';
import { bundledSize } from '../scripts/lib/package/bundle.js';
import { docsPage } from './docs.js';
import { LIMITED, limitedFetch } from './peers.js';
import { inRounds } from './rounds.js';
import { apiKey, pageOf, rate, secret, started, stub, timed } from './work.js';

export const goal = (what, figure, wanted, met) => ({ what, figure, goal: wanted, met: met ? 'yes' : 'no' });
const fixed = (number, digits = 2) => number.toFixed(digits);
const print = (what, figures, figure) => {
  for (const [name, { median, ratio }] of Object.entries(figures))
    console.log(`${what}: ${name}: ${figure(median, ratio)}`);
};

export async function size() {
  const { gzipped } = await bundledSize('./dist/index.js');
  return [goal('minified and gzipped, with all dependencies', `${gzipped} bytes`, 'at most 18,200', gzipped <= 18_200)];
}

export async function oneCall() {
  const fetch = stub(pageOf(1));
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
  print('one list call', figures, (median, ratio) => `${fixed(median, 1)} us, ${fixed(ratio)} x openapi-fetch`);
  const { ratio } = figures['cortex-secrets'];
  const peer = ratio / figures.openai.ratio;
  return [
    goal('one list call, compared with bare openapi-fetch', `${fixed(ratio)} x`, 'at most 1.0 x', ratio <= 1),
    goal('one list call, compared with the openai client', `${fixed(peer)} x`, 'at most 0.45 x', peer <= 0.45),
  ];
}

/** Compares with raw fetch, and with raw fetch that has a time limit, as production code should have. */
export async function loopback() {
  const server = await started('server.js');
  const baseUrl = `http://127.0.0.1:${server.printed}`;
  const ours = createSecretsClient({ apiKey, baseUrl });
  const headers = { authorization: `Bearer ${apiKey}` };
  const goals = [];
  for (const [size, calls] of [
    [1, 3000],
    [250, 1500],
  ]) {
    const url = `${baseUrl}/api/v1/secrets?page=0&pageSize=${size}`;
    const figures = await inRounds(
      {
        'raw fetch': () => rate(calls, 16, async () => (await fetch(url, { headers })).json()),
        [LIMITED]: () => rate(calls, 16, () => limitedFetch(fetch, url, headers)),
        'cortex-secrets': () => rate(calls, 16, () => ours.list({ pageSize: size })),
      },
      { rounds: 15, base: 'raw fetch' },
    );
    const what = `calls per second, 16 at a time, pages of ${size}`;
    print(what, figures, (median, ratio) => `${fixed(median, 0)} per second, ${fixed(ratio)} of raw fetch`);
    const { ratio } = figures['cortex-secrets'];
    const careful = ratio / figures['raw fetch with a time limit'].ratio;
    goals.push(
      goal(
        what,
        `${fixed(ratio)} of raw fetch (${fixed(careful)} of raw fetch with a time limit)`,
        'at least 0.9',
        ratio >= 0.9,
      ),
    );
  }
  server.child.disconnect();
  return goals;
}

const seedOf = (count) => Array.from({ length: count }, (_, i) => ({ ...secret(i), secret: 'a value' }));

/** The in-memory Cortex. */
export async function fake() {
  const cortex = createFakeCortex({ seed: seedOf(1) });
  const overStub = createSecretsClient({ apiKey, baseUrl: cortex.baseUrl, fetch: stub(pageOf(1)) });
  const { fetch, baseUrl } = cortex;
  const overFake = createSecretsClient({ apiKey: cortex.apiKey, baseUrl, fetch });
  const figures = await inRounds(
    {
      'stubbed network': () => timed(1500, () => overStub.list()),
      'in-memory Cortex': async () => {
        const took = await timed(1500, () => overFake.list());
        cortex.reset(); // clears the log of requests
        return took;
      },
    },
    { rounds: 31, base: 'stubbed network' },
  );
  print('one list call', figures, (median, ratio) => `${fixed(median, 1)} us, ${fixed(ratio)} x the stub`);
  const { ratio } = figures['in-memory Cortex'];

  const large = createFakeCortex({ seed: seedOf(100_000) });
  const headers = { authorization: `Bearer ${large.apiKey}` };
  const times = [];
  for (let page = 0; page < 100; page++) {
    const begin = performance.now();
    const response = await large.fetch(`${large.baseUrl}/api/v1/secrets?page=${page}&pageSize=1000`, { headers });
    await response.text();
    times.push(performance.now() - begin);
  }
  const [median, worst] = [times.toSorted((a, b) => a - b)[50], Math.max(...times)];
  return [
    goal('a call of the in-memory Cortex', `${fixed(ratio)} x the stub`, 'at most 2 x', ratio <= 2),
    goal(
      '100,000 secrets: a page of 1000',
      `${fixed(median)} ms (maximum ${fixed(worst)} ms)`,
      'under 5 ms',
      median < 5,
    ),
  ];
}

/** Requests per second of a server, sent as raw bytes on a few sockets, so that the sender takes almost no time. */
async function requestRate(baseUrl, path, count) {
  const { port } = new URL(baseUrl);
  const request = `GET ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer fake-api-key\r\n\r\n`;
  let left = count;
  const begin = performance.now();
  await Promise.all(
    Array.from({ length: 16 }, async () => {
      const socket = connect(Number(port), '127.0.0.1').setNoDelay(true);
      let tail = '';
      const send = () => (left-- > 0 ? socket.write(request) : socket.destroy());
      socket.on('data', (data) => {
        // Only the end of the JSON body matches.
        const text = tail + data.toString('latin1');
        tail = text.slice(-40);
        if (/"totalPages":\d+}$/.test(text)) send();
      });
      await once(socket, 'connect');
      send();
      await once(socket, 'close');
    }),
  );
  return count / ((performance.now() - begin) / 1000);
}

export async function mock() {
  const file = join(await mkdtemp(join(tmpdir(), 'cortex-secrets-bench-')), 'seed.json');
  await writeFile(file, JSON.stringify(seedOf(1000)));
  const bare = await started('server.js');
  const cortex = await started('../dist/cli/main.js', 'mock', '--port', '0', '--json', '--seed', file);
  const { baseUrl } = JSON.parse(cortex.printed);
  const goals = [];
  for (const [size, count] of [
    [1, 20_000],
    [250, 5000],
  ]) {
    const path = `/api/v1/secrets?page=0&pageSize=${size}`;
    const figures = await inRounds(
      {
        'bare node:http': () => requestRate(`http://127.0.0.1:${bare.printed}`, path, count),
        'npx cortex-secrets mock': () => requestRate(baseUrl, path, count),
      },
      { rounds: 9, base: 'bare node:http' },
    );
    const what = `the mock, requests per second, pages of ${size}`;
    print(what, figures, (median, ratio) => `${fixed(median, 0)} per second, ${fixed(ratio)} of node:http`);
    const { ratio } = figures['npx cortex-secrets mock'];
    goals.push(goal(what, `${fixed(ratio)} of node:http`, 'at least 0.5', ratio >= 0.5));
  }
  bare.child.disconnect();
  cortex.child.kill();
  return goals;
}

export async function docs() {
  const { bytes, paintMs, usableMs, missing } = await docsPage();
  const goals = [goal('the docs page', `${fixed(bytes / 1e6)} MB`, 'under 3 MB', bytes < 3e6)];
  if (missing) console.log(`the docs page was not measured: ${missing}`);
  else {
    const figure = `${fixed(paintMs, 0)} ms (usable after ${fixed(usableMs, 0)} ms)`;
    goals.push(goal('the docs page: first content', figure, 'under 2000 ms', paintMs < 2000));
  }
  return goals;
}
