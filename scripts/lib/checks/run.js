// Runs commands side by side, and prints the output of each in one piece.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** @type {string[]} */
const failed = [];

/**
 * Runs a shell command in the project's folder, with the commands of its node_modules.
 *
 * @param {string} command
 * @returns {Promise<boolean>} whether it passed
 */
export function run(command) {
  const begin = performance.now();
  const env = { ...process.env, PATH: `${root}node_modules/.bin:${process.env.PATH}` };
  return new Promise((resolve) => {
    const child = spawn(command, { cwd: root, shell: true, env, stdio: ['ignore', 'pipe', 'pipe'] });
    /** @type {Buffer[]} */
    const chunks = [];
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => chunks.push(chunk));
    child.once('close', (code, signal) => {
      const ended = code === 0 ? 'passed' : `FAILED (${signal ?? `exit code ${code}`})`;
      const seconds = ((performance.now() - begin) / 1000).toFixed(1);
      process.stdout.write(`\n> ${command}: ${ended} after ${seconds} s\n${Buffer.concat(chunks)}`);
      if (code !== 0) failed.push(command);
      resolve(code === 0);
    });
  });
}

/** Prints the commands that failed. The exit code is 1 if there are any. */
export function summary() {
  console.log(failed.length === 0 ? '\nAll passed.' : `\nFailed:\n${failed.map((one) => `  ${one}`).join('\n')}`);
  process.exitCode = failed.length === 0 ? 0 : 1;
}
