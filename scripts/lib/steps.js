// Runs commands side by side, as many at once as there are cores, and prints the output of each in one piece.
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Goes to the project's folder, where its commands are found without npm too.
 *
 * @returns {Promise<(script: string) => string[]>} gives the commands of a script in package.json
 */
export async function enterProject() {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  process.chdir(root);
  process.env.PATH = `${join(root, 'node_modules', '.bin')}${delimiter}${process.env.PATH}`;
  const { scripts } = JSON.parse(await readFile('package.json', 'utf8'));
  return (script) => scripts[script].split(' && ');
}

/**
 * @typedef {{ command: string, after?: string }} Step a shell command, and the command that must have passed before
 *
 * @param {Step[]} steps in the order in which to start them
 * @param {{ atOnce?: number, print?: (text: string) => void, env?: NodeJS.ProcessEnv }} [options]
 * @returns {Promise<string[]>} the commands that failed; after a failure no more are started, the running ones end
 */
export async function runSteps(
  steps,
  {
    atOnce = Math.max(2, availableParallelism()),
    print = (text) => process.stdout.write(text),
    env = process.env,
  } = {},
) {
  const waiting = [...steps];
  /** @type {Map<string, Promise<string>>} */
  const running = new Map();
  const passed = new Set();
  const failed = [];
  for (const { command, after } of steps)
    if (after !== undefined && !steps.some((step) => step.command === after))
      throw new Error(`"${command}" comes after "${after}", which is no step`);

  const isReady = (/** @type {Step} */ { after }) => after === undefined || passed.has(after);
  while (running.size > 0 || (waiting.length > 0 && failed.length === 0)) {
    while (failed.length === 0 && running.size < atOnce && waiting.some(isReady)) {
      for (const { command } of waiting.splice(waiting.findIndex(isReady), 1)) running.set(command, run(command));
    }
    if (running.size === 0) throw new Error(`each of these waits for another: ${waiting.map((s) => s.command)}`);
    running.delete(await Promise.race(running.values()));
  }
  return failed;

  /** @returns {Promise<string>} the command, when it has ended */
  function run(command) {
    const begin = performance.now();
    return new Promise((resolve) => {
      const child = spawn(command, { shell: true, env, stdio: ['ignore', 'pipe', 'pipe'] });
      const chunks = [];
      for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => chunks.push(chunk));
      child.once('error', (error) => chunks.push(Buffer.from(`${error.message}\n`)));
      child.once('close', (code, signal) => {
        const ended = code === 0 ? 'passed' : `FAILED (${signal ?? `exit code ${code}`})`;
        const seconds = ((performance.now() - begin) / 1000).toFixed(1);
        print(`\n> ${command}: ${ended} after ${seconds} s\n${Buffer.concat(chunks)}`);
        if (code === 0) passed.add(command);
        else failed.push(command);
        resolve(command);
      });
    });
  }
}
