// Runs the pinned Redocly CLI without telemetry and update checks.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const cli = fileURLToPath(import.meta.resolve('@redocly/cli/bin/cli.js'));
const QUIET = { REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true', NO_COLOR: '1' };

/**
 * @param {string[]} args
 * @returns {Promise<{ code: number, stdout: string, stderr: string }>}
 */
export function redocly(...args) {
  return new Promise((resolve) => {
    const options = { env: { ...process.env, ...QUIET }, maxBuffer: 64 * 1024 * 1024 };
    execFile(process.execPath, [cli, ...args], options, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code ?? 1) : 0, stdout, stderr });
    });
  });
}

/**
 * Lints some files, or all that redocly.yaml lists.
 *
 * @param {string[]} args
 */
export async function lint(...args) {
  const { code, stdout, stderr } = await redocly('lint', ...args, '--format', 'json', '--max-problems', '1000');
  // The output is one JSON document per file, concatenated.
  const documents = stdout.split(/(?=\{\n {2}"totals")/).map((text) => JSON.parse(text));
  const count = (/** @type {string} */ what) => documents.reduce((sum, { totals }) => sum + totals[what], 0);
  return {
    code,
    stderr,
    errors: count('errors'),
    warnings: count('warnings'),
    ignored: count('ignored'),
    problems: documents.flatMap(({ problems }) => problems),
  };
}
