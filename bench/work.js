// Shared by the benchmarks: the key, pages of secrets, servers in separate processes, and timers.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export const apiKey = 'a-key-for-the-benchmark';

export const secret = (i) => ({ id: `se${String(i).padStart(16, '0')}`, tag: `tag-${i}`, name: `Secret number ${i}` });

/** A page of secrets, as JSON. */
export const pageOf = (size, page = 0, totalPages = 1) =>
  JSON.stringify({
    page,
    secrets: Array.from({ length: size }, (_, i) => secret(page * size + i)),
    total: size * totalPages,
    totalPages,
  });

/** A stubbed network: every request gets the same response. */
export const stub = (body) => async () => new Response(body, { headers: { 'content-type': 'application/json' } });

/** Microseconds per call, sequentially. */
export async function timed(calls, call) {
  const begin = performance.now();
  for (let i = 0; i < calls; i++) await call();
  return ((performance.now() - begin) / calls) * 1000;
}

/** Calls per second, with `atOnce` concurrent calls. */
export async function rate(calls, atOnce, call) {
  let left = calls;
  const begin = performance.now();
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (left-- > 0) await call();
    }),
  );
  return calls / ((performance.now() - begin) / 1000);
}

/** Starts a server in a separate process, and returns the first line that it prints. */
export async function started(program, ...args) {
  const child = fork(fileURLToPath(new URL(program, import.meta.url)), args, { silent: true });
  const [printed] = await once(child.stdout, 'data');
  return { child, printed: String(printed).trim() };
}
