/** `npm test` runs its checks side by side: each must still count, and its output must stay in one piece. */
import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runSteps } from '../../scripts/lib/steps.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cortex-secrets-steps-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Runs the steps, and returns what failed and what was printed, without the times. */
async function run(steps: { command: string; after?: string }[], atOnce = 2) {
  const printed: string[] = [];
  const print = (text: string) => {
    printed.push(text.replace(/ after \d+\.\d s\n/, '\n').trim());
    if (text.includes('FAILED')) writeFileSync(join(folder, 'failed'), '');
  };
  const env = { ...process.env, FOLDER: folder };
  const failed = await runSteps(steps, { atOnce, print, env });
  return { failed, printed };
}
/** Waits for a file of another step, for at most a minute. */
const awaitFile = (name: string) =>
  `for i in $(seq 600); do if [ -e "$FOLDER/${name}" ]; then break; fi; sleep 0.1; done; [ -e "$FOLDER/${name}" ]`;

test('runs steps side by side, and prints the output of each in one piece', async () => {
  // Each waits for the other, so they pass only if both run.
  const one = `echo one; touch "$FOLDER/1"; ${awaitFile('2')}; echo of one >&2; touch "$FOLDER/3"`;
  const two = `echo two; touch "$FOLDER/2"; ${awaitFile('3')}; echo of two`;
  const { failed, printed } = await run([{ command: one }, { command: two }]);
  expect(failed).toEqual([]);
  expect(printed.sort()).toEqual([`> ${one}: passed\none\nof one`, `> ${two}: passed\ntwo\nof two`]);
});

test('starts a step only after the one it names, and prefers the order given', async () => {
  const { printed } = await run(
    [{ command: 'echo 2', after: 'echo 1' }, { command: 'echo 1' }, { command: 'echo 3' }],
    1,
  );
  expect(printed.map((text) => text.at(-1))).toEqual(['1', '2', '3']);
});

test.each(['false', 'exit 7', 'kill -9 $$', 'no-such-program'])(
  '%s: names it as failed, and starts no more',
  async (bad) => {
    const { failed, printed } = await run(
      [{ command: bad }, { command: 'echo dependent', after: bad }, { command: 'echo x' }],
      1,
    );
    expect(failed).toEqual([bad]);
    expect(printed).toHaveLength(1);
    expect(printed[0]).toContain(`> ${bad}: FAILED`);
  },
);

test('a failure beside others: these end, and are printed too', async () => {
  await rm(join(folder, 'failed'), { force: true });
  const slow = `touch "$FOLDER/4"; ${awaitFile('failed')}; echo ended`;
  const bad = `${awaitFile('4')}; exit 1`;
  const { failed, printed } = await run([{ command: slow }, { command: bad }, { command: 'echo never' }]);
  expect(failed).toEqual([bad]);
  expect(printed.some((text) => text.endsWith('ended'))).toBe(true);
  expect(printed).toHaveLength(2);
});

test('a step after one that does not exist is an error, and not skipped', async () => {
  await expect(run([{ command: 'true', after: 'nothing' }])).rejects.toThrow('which is no step');
});
