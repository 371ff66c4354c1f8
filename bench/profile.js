// Profiles list calls on a stubbed network with V8's sampling profiler, to show where the time of one call goes. Runs
// in a separate process: the object shapes of other clients would slow down openapi-fetch in ours.
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const CALLS = 40_000;

/** The part that a frame belongs to; undefined for frames of the platform, which count for their caller. */
function partOf({ url, functionName }) {
  if (functionName === '(garbage collector)') return 'garbage collector';
  if (url.endsWith('/bench/work.js')) return 'the stub';
  if (url.includes('/openapi-fetch/')) return 'openapi-fetch';
  if (url.includes('/generated/')) return 'the validators';
  const module = /\/dist\/(?:[\w-]+\/)*([\w-]+)\.js$/.exec(url)?.[1];
  return module && `${module}.js`;
}

/** Descriptions of the parts whose names don't explain them. */
const WORK = {
  'send-with-fetch.js': 'reads the response body: stream and text decoding',
  'timeout.js': 'an AbortController and a timer for each attempt',
  'response.js': 'JSON.parse',
  'the stub': 'creates a Response: not part of the client',
  'the platform': 'promises and streams without a caller: mostly not part of the client',
};

export async function profile() {
  const folder = await mkdtemp(join(tmpdir(), 'cortex-secrets-profile-'));
  const program = fileURLToPath(new URL('one-call.js', import.meta.url));
  const flags = ['--cpu-prof', `--cpu-prof-dir=${folder}`, '--cpu-prof-interval', '200'];
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, program, String(CALLS)]);
  const [file] = await readdir(folder);
  const { nodes, samples, timeDeltas } = JSON.parse(await readFile(join(folder, file), 'utf8'));
  await rm(folder, { recursive: true });

  const byId = new Map(nodes.map((node) => [node.id, node]));
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id])));
  const times = new Map();
  let total = 0;
  samples.forEach((id, i) => {
    let part;
    for (let at = id; at !== undefined && !part; at = parents.get(at)) part = partOf(byId.get(at).callFrame);
    part ??= 'the platform';
    times.set(part, (times.get(part) ?? 0) + timeDeltas[i]);
    total += timeDeltas[i];
  });
  const sorted = [...times].sort(([, a], [, b]) => b - a).filter(([, time]) => time / total >= 0.01);
  return {
    title: 'Where the time of one call goes',
    note: `\`node --cpu-prof\` over ${CALLS} list calls on a stubbed network, ${Number(stdout).toFixed(0)} us of CPU time each under the profiler. Time of the platform counts for the part that called it; parts under 1 % are omitted.`,
    head: ['part', 'share', 'what it does'],
    rows: sorted.map(([part, time]) => [part, `${((time / total) * 100).toFixed(0)} %`, WORK[part] ?? '']),
  };
}
