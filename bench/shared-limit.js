// node bench/shared-limit.js   several processes on one API key: without coordination, and with examples/shared-limit in a real
// Redis. Prints a table, writes it to SHARED-LIMIT.md, and fails if a goal is missed.
import { execFileSync, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { build as buildPackage, installIn } from '../scripts/lib/build.js';
import { ensureRedis, startRedis } from './redis.js';

const PROCESSES = 4;
const CREATES = 1000;
const LIMIT = { requests: 500, perSeconds: 2 };
const LATENCY_MS = 20;
/** The last of the 8 windows that 4,000 creates need begins after 14 s. */
const OPTIMUM_MS = (Math.ceil((PROCESSES * CREATES) / LIMIT.requests) - 1) * LIMIT.perSeconds * 1000;

const missing = await ensureRedis();
if (missing) {
  console.log(`shared limit: SKIPPED, ${missing}`);
  process.exit(process.env.CORTEX_SECRETS_REDIS === 'required' ? 1 : 0);
}

buildPackage();
installIn('examples/shared-limit');

const here = fileURLToPath(new URL('.', import.meta.url));
const folder = await mkdtemp(join(tmpdir(), 'cortex-secrets-shared-limit-'));
const worker = join(folder, 'worker.cjs');
await build({
  entryPoints: [join(here, 'shared-limit-worker.js')],
  alias: { 'cortex-secrets': join(here, '..', 'dist', 'index.js') },
  bundle: true,
  platform: 'node',
  target: 'node20',
  outfile: worker,
  logLevel: 'warning',
});

async function startMock(window) {
  const limit = `${LIMIT.requests}/${LIMIT.perSeconds}`;
  const args = ['mock', '--port', '0', '--control', '0', '--json', '--latency', `${LATENCY_MS}`, '--rate-limit', limit];
  const child = spawn(process.execPath, [join(here, '..', 'dist', 'cli', 'main.js'), ...args, '--window', window], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await once(child.stdout, 'data');
  return { ...JSON.parse(line), child };
}

/** @param {{ window: string, isShared: boolean, killProcessAfterMs?: number, killRedisAfterMs?: number }} scenario */
async function run({ window, isShared, killProcessAfterMs, killRedisAfterMs }) {
  const redis = isShared ? await startRedis() : undefined;
  const { child: mock, baseUrl, apiKey, controlUrl } = await startMock(window);
  const settings = { count: CREATES, baseUrl, apiKey, redisUrl: redis?.url, processes: PROCESSES, ...LIMIT };
  const children = Array.from({ length: PROCESSES }, (_, i) =>
    fork(worker, [JSON.stringify({ ...settings, name: `process-${i}` })]),
  );
  await Promise.all(children.map((child) => once(child, 'message')));
  const timers = [];
  const reports = children.map(
    (child) =>
      new Promise((resolve) => {
        child.once('message', resolve).once('exit', () => resolve(undefined));
      }),
  );
  const begin = Date.now();
  for (const child of children) child.send('go');
  if (killProcessAfterMs) timers.push(setTimeout(() => children.at(-1).kill('SIGKILL'), killProcessAfterMs));
  if (killRedisAfterMs) timers.push(setTimeout(() => redis.kill(), killRedisAfterMs));
  const finished = (await Promise.all(reports)).filter((report) => report !== undefined);
  for (const timer of timers) clearTimeout(timer);

  const sent = await (await fetch(`${controlUrl}/requests`)).json();
  const created = sent.filter(({ status }) => status === 200).map(({ tag }) => tag);
  mock.kill();
  await redis?.close();
  const times = finished.map((report) => report.end - begin);
  const isKilled = killProcessAfterMs !== undefined;
  const expected = new Set(
    Array.from({ length: PROCESSES - (isKilled ? 1 : 0) }, (_, i) =>
      Array.from({ length: CREATES }, (_, n) => `process-${i}-${n}`),
    ).flat(),
  );
  for (const tag of created) expected.delete(tag);
  return {
    throttled: sent.filter(({ status }) => status === 429).length / sent.length,
    ofOptimum: Math.max(...times) / OPTIMUM_MS,
    failed: finished.flatMap(({ failed }) => failed),
    lost: expected.size,
    // A second create of a tag conflicts.
    twice: sent.filter(({ status }) => status === 409).length + created.length - new Set(created).size,
    spread: Math.max(...times) / Math.min(...times),
    unfinished: PROCESSES - (isKilled ? 1 : 0) - finished.length,
    limiterErrors: finished.flatMap(({ limiterErrors }) => limiterErrors).length,
  };
}

const SCENARIOS = [
  { what: 'no coordination', window: 'fixed', isShared: false },
  { what: 'no coordination', window: 'sliding', isShared: false },
  { what: 'shared limit', window: 'fixed', isShared: true, throttled: 0.015, ofOptimum: 1.25, spread: 1.2 },
  { what: 'shared limit', window: 'sliding', isShared: true, throttled: 0.1, spread: 1.2 },
  { what: 'shared limit, one process killed after 7 s', window: 'fixed', isShared: true, killProcessAfterMs: 7000 },
  {
    what: 'shared limit, Redis killed after 5 s',
    window: 'fixed',
    isShared: true,
    killRedisAfterMs: 5000,
    throttled: 0.1,
  },
];

const percent = (part) => `${(part * 100).toFixed(1)} %`;
const rows = [];
const wanted = process.argv.slice(2).join(' ');
try {
  for (const scenario of SCENARIOS) {
    const { what, window, throttled, ofOptimum, spread } = scenario;
    if (!`${what} ${window}`.includes(wanted)) continue;
    const result = await run(scenario);
    const isKilled = scenario.killProcessAfterMs !== undefined;
    const goals = ['nothing lost or twice'];
    let isMet = result.lost + result.twice + result.failed.length + result.unfinished === 0;
    const goal = (name, limit, figure, text) => {
      if (limit === undefined) return;
      goals.push(`${name} at most ${text}`);
      isMet &&= figure <= limit;
    };
    goal('throttled', throttled, result.throttled, percent(throttled));
    goal('time', ofOptimum, result.ofOptimum, `${ofOptimum} x`);
    goal('slowest process', spread, result.spread, `${spread} x the fastest`);
    for (const text of new Set(result.failed)) console.error(`${what}, ${window}: ${text}`);
    rows.push({
      scenario: what,
      'window of the server': window,
      throttled: percent(result.throttled),
      time: isKilled ? '-' : `${result.ofOptimum.toFixed(2)} x`,
      'lost, twice': `${result.lost + result.failed.length}, ${result.twice}`,
      'slowest / fastest': result.spread.toFixed(2),
      goals: goals.join('; '),
      met: isMet ? 'yes' : 'no',
    });
    console.log(Object.values(rows.at(-1)).join(' | '));
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
console.table(rows);
if (rows.some(({ met }) => met === 'no')) process.exitCode = 1;

if (!wanted) {
  const [{ model }] = cpus();
  const redisVersion = /v=([\d.]+)/.exec(String(execFileSync('redis-server', ['--version'])))?.[1];
  const head = Object.keys(rows[0]);
  await writeFile(
    join(here, 'SHARED-LIMIT.md'),
    `# Results of \`node bench/shared-limit.js\`

Made by \`bench/shared-limit.js\` on ${new Date().toISOString().slice(0, 10)}, Node ${process.versions.node}, Redis ${redisVersion}, ${cpus().length} cores (${model.trim()}).

${PROCESSES} processes create ${CREATES} secrets each, all at once, with one API key, against \`cortex-secrets mock\` that allows ${LIMIT.requests} requests in ${LIMIT.perSeconds} s and takes ${LATENCY_MS} ms for each. The shared limit is [\`examples/shared-limit\`](../examples/shared-limit/shared-limit.ts). The optimum is ${OPTIMUM_MS / 1000} s: the last window that is needed begins then.

| ${head.join(' | ')} |
|${head.map(() => '---|').join('')}
${rows.map((row) => `| ${Object.values(row).join(' | ')} |`).join('\n')}
`,
  );
}
