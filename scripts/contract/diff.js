// node scripts/contract/diff.js REF   lists the changes of the contract since a git ref (main, a commit) or a published version
// (1.0.0)
//
// Exits with 1 if there is a breaking change without a new major version in info.version, and with 2 if the old
// contract cannot be found.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { redocly } from '../lib/contract/redocly.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const CONTRACT = 'generated/openapi.yaml';

const execute = promisify(execFile);
const run = async (command, ...args) => (await execute(command, args, { cwd: root, maxBuffer: 2 ** 26 })).stdout;

/** The contract at a git ref or in a published version. */
async function contractOf(ref, folder) {
  if (!ref) throw new Error('missing argument; usage: node scripts/contract/diff.js main');
  const commit = await run('git', 'rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`).catch(
    () => '',
  );
  if (commit !== '') {
    return run('git', 'show', `${commit.trim()}:${CONTRACT}`).catch(() => {
      throw new Error(`${ref} has no ${CONTRACT}`);
    });
  }
  if (!/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(ref))
    throw new Error(`${ref} is neither a git ref nor a version such as 1.0.0`);
  try {
    const tarball = await run('npm', 'pack', `cortex-secrets@${ref}`, '--silent', '--pack-destination', folder);
    await run('tar', '-xzf', join(folder, tarball.trim()), '-C', folder);
    return await readFile(join(folder, 'package', CONTRACT), 'utf8');
  } catch {
    throw new Error(`${ref} is neither a git ref nor a published version of cortex-secrets`);
  }
}

const major = (version) => Number.parseInt(version, 10);
const [ref] = process.argv.slice(2);
const folder = await mkdtemp(join(tmpdir(), 'cortex-secrets-diff-'));
try {
  const base = join(folder, 'base.yaml');
  await writeFile(base, await contractOf(ref, folder));
  const config = ['--config', join(root, 'redocly.diff.yaml'), '--fail-on', 'none', '--format', 'json'];
  const report = await redocly('diff', base, join(root, CONTRACT), ...config);
  if (report.code !== 0) throw new Error(report.stderr);
  const { summary, infoVersions, changes } = JSON.parse(report.stdout);
  for (const { impact, kind, path, property, verdicts } of changes) {
    const place = path.replaceAll('~1', '/').replaceAll('~0', '~');
    console.log(`${impact.padEnd(6)}${kind.padEnd(10)}${place}${property ? `, ${property}` : ''}`);
    for (const { message, ruleId } of verdicts) console.log(`${' '.repeat(16)}${message} (${ruleId})`);
  }
  const versions = `${infoVersions.base} -> ${infoVersions.revision}`;
  if (summary.major > 0 && major(infoVersions.revision) <= major(infoVersions.base)) {
    console.error(`Breaking changes since ${ref}: info.version (${versions}) needs a new major version.`);
    process.exitCode = 1;
  } else {
    console.log(
      `The contract since ${ref} (${versions}): ${summary.major} breaking, ${summary.minor + summary.patch} other changes.`,
    );
  }
} catch (error) {
  console.error(/** @type {Error} */ (error).message);
  process.exitCode = 2;
} finally {
  await rm(folder, { recursive: true });
}
