// node scripts/package/plugin.js [--screenshots FOLDER]   installs and builds examples/cortex-plugin with the packed package and the real
// plugin-core, and tests it in Chromium, in a page that speaks plugin-core's protocol
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { ensureChromium } from '../lib/browser.js';
import { build } from '../lib/build.js';

build();

const root = fileURLToPath(new URL('../../', import.meta.url));
const plugin = join(root, 'examples', 'cortex-plugin');
const { values } = parseArgs({ options: { screenshots: { type: 'string' } } });

async function run(cwd, command, ...args) {
  const env = { ...process.env, ...(values.screenshots && { PLUGIN_SCREENSHOTS: resolve(values.screenshots) }) };
  const [code] = await once(spawn(command, args, { cwd, env, stdio: 'inherit' }), 'exit');
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} failed`);
}

const folder = await mkdtemp(join(tmpdir(), 'cortex-secrets-plugin-'));
try {
  await run(plugin, 'npm', 'ci', '--silent');
  // The package as its users get it. Not in the lock file of the example: its content changes with each commit.
  const pack = ['pack', '--silent', '--pack-destination', folder];
  const { stdout } = await promisify(execFile)('npm', pack, { cwd: root });
  await run(plugin, 'npm', 'install', '--silent', '--no-save', '--no-package-lock', join(folder, stdout.trim()));
  await run(plugin, 'npm', 'run', '--silent', 'build');
} finally {
  await rm(folder, { recursive: true, force: true });
}

const missing = await ensureChromium();
if (missing === undefined) {
  await run(
    root,
    process.execPath,
    'node_modules/vitest/vitest.mjs',
    'run',
    '--config',
    'test/plugin/vitest.config.ts',
  );
} else {
  console.log(`plugin: built, but its browser tests are SKIPPED: ${missing}`);
  if (process.env.CORTEX_SECRETS_BROWSER === 'required') process.exitCode = 1;
}
