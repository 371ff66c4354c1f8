// Seeds a fault into a copy of the project and runs tests there.
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** @typedef {{ name: string, file: string, find: string, replace: string }} Mutation */

/**
 * Copies some files and folders of the project, with the same node_modules.
 *
 * @param {string[]} names
 */
export async function copyOf(...names) {
  const folder = await mkdtemp(join(tmpdir(), 'cortex-secrets-mutations-'));
  for (const name of names) await cp(join(root, name), join(folder, name), { recursive: true });
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
  return {
    folder,
    remove: () => rm(folder, { recursive: true }),
    /**
     * Runs `work` while the fault is seeded. False if the text to replace is not found exactly once.
     *
     * @param {Mutation} mutation
     * @param {() => Promise<void>} work
     */
    async seeded({ file, find, replace }, work) {
      const path = join(folder, file);
      const whole = await readFile(path, 'utf8');
      if (whole.split(find).length !== 2) return false;
      await writeFile(
        path,
        whole.replace(find, () => replace),
      );
      await work();
      await writeFile(path, whole);
      return true;
    },
  };
}

/**
 * Runs vitest in a folder and lists the failed tests: the file and the full name of each.
 *
 * @param {string} folder
 * @param {string[]} args
 * @returns {Promise<{ file: string, name: string }[]>}
 */
export function failures(folder, ...args) {
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const options = { cwd: folder, timeout: 180_000, maxBuffer: 2 ** 28 };
  return new Promise((resolve) => {
    execFile(process.execPath, [vitest, 'run', ...args, '--reporter', 'json'], options, (error, stdout) => {
      if (!error) return resolve([]);
      const start = stdout.indexOf('{"num');
      const report = start < 0 ? { testResults: [] } : JSON.parse(stdout.slice(start));
      const failed = report.testResults.flatMap(({ name, assertionResults, message }) => [
        ...assertionResults
          .filter(({ status }) => status === 'failed')
          .map(({ fullName }) => ({ file: name.split('/').at(-1), name: fullName })),
        ...(message ? [{ file: name.split('/').at(-1), name: message.split('\n')[0] }] : []),
      ]);
      resolve(failed.length > 0 ? failed : [{ file: 'the run itself', name: error.message.slice(0, 80) }]);
    });
  });
}
