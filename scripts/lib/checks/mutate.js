// Seeds a fault into a copy of the project and runs tests there.
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { cp, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/**
 * `find` stands once in `file`, or in one of the client's modules if no file is named: a mutation survives that code is
 * formatted anew or moved to another module.
 *
 * @typedef {{ name: string, file?: string, find: string, replace: string }} Mutation
 */

/** A text without white space and trailing commas, and the place of each of its characters. */
function compact(/** @type {string} */ text) {
  let chars = '';
  /** @type {number[]} */
  const places = [];
  for (let i = 0; i < text.length; i++) {
    const char = text.charAt(i);
    if (/\s/.test(char)) continue;
    if (/[)\]}]/.test(char) && chars.endsWith(',')) {
      chars = chars.slice(0, -1);
      places.pop();
    }
    chars += char;
    places.push(i);
  }
  return { chars, places };
}

/**
 * The places of a mutation's text in a folder with the project's files.
 *
 * @param {string} folder
 * @param {Mutation} mutation
 * @returns {{ file: string, from: number, to: number }[]}
 */
export function placesOf(folder, { file, find }) {
  const files = file ? [file] : clientModules(folder);
  const { chars: wanted } = compact(find);
  return files.flatMap((name) => {
    const { chars, places } = textOf(folder, name);
    const found = [];
    for (let at = chars.indexOf(wanted); at >= 0; at = chars.indexOf(wanted, at + 1))
      found.push({ file: name, from: places[at] ?? 0, to: (places[at + wanted.length - 1] ?? 0) + 1 });
    return found;
  });
}

/** @type {Map<string, ReturnType<typeof compact>>} */
const texts = new Map();
function textOf(/** @type {string} */ folder, /** @type {string} */ name) {
  const path = join(folder, name);
  const known = texts.get(path) ?? compact(readFileSync(path, 'utf8'));
  texts.set(path, known);
  return known;
}

/** @type {Map<string, string[]>} */
const modules = new Map();
function clientModules(/** @type {string} */ folder) {
  const known = modules.get(folder) ?? listed(folder);
  modules.set(folder, known);
  return known;
}

const listed = (/** @type {string} */ folder) =>
  readdirSync(join(folder, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !/^(cli|mock|testing|contract-tests)\//.test(name))
    .map((name) => `src/${name}`);

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
     * @param {(file: string) => Promise<void>} work
     */
    async seeded(mutation, work) {
      const [place, ...others] = placesOf(folder, mutation);
      if (!place || others.length > 0) return false;
      const path = join(folder, place.file);
      const whole = readFileSync(path, 'utf8');
      await writeFile(path, whole.slice(0, place.from) + mutation.replace + whole.slice(place.to));
      await work(place.file);
      await writeFile(path, whole);
      return true;
    },
  };
}
/** Ten times what the slowest run takes, and longer than one test may take: vitest.config.ts has that limit. */
const RUN_LIMIT_MIN = 15;

/**
 * Runs vitest in a folder and lists the failed tests: the file and the full name of each. Rejects if the run does not end,
 * which shows nothing: the machine may be busy.
 *
 * @param {string} folder
 * @param {string[]} args
 * @returns {Promise<{ file: string, name: string }[]>}
 */
export function failures(folder, ...args) {
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const options = { cwd: folder, timeout: RUN_LIMIT_MIN * 60_000, maxBuffer: 2 ** 28 };
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [vitest, 'run', ...args, '--reporter', 'json'], options, (error, stdout) => {
      if (!error) return resolve([]);
      if (error.killed) return reject(new Error(`the tests did not end within ${RUN_LIMIT_MIN} minutes`));
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
