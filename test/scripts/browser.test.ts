/** Whether `npm test` may install a browser: on a CI machine, never on a user's. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { findFirefox, installObstacle } from '../../scripts/lib/browser.js';

const ci = { isCi: true, hasApt: true, isRoot: true };
const COMMAND = 'apt-get install chromium';

test('installs Chromium as root on a CI machine with apt-get', () => {
  expect(installObstacle(ci)).toBeUndefined();
});

test.each([
  ['CI is not set', { isCi: false }, 'only if CI is set'],
  ['there is no apt-get', { hasApt: false }, 'no apt-get'],
  ['the user is not root', { isRoot: false }, 'only root'],
])('gives the reason and the command if %s', (_, machine, reason) => {
  const obstacle = installObstacle({ ...ci, ...machine });
  expect(obstacle).toContain(reason);
  expect(obstacle).toContain(COMMAND);
  expect(obstacle).toContain('CHROMIUM_PATH');
});

const script = fileURLToPath(new URL('../../scripts/checks/browser.js', import.meta.url));
const run = (env: NodeJS.ProcessEnv) =>
  new Promise<{ code: unknown; stdout: string }>((resolve) => {
    execFile(process.execPath, [script], { env: { ...process.env, ...env } }, (error, stdout) => {
      resolve({ code: error?.code ?? 0, stdout });
    });
  });

test('skips with the reason if there is no browser', async () => {
  const { code, stdout } = await run({ CI: '1', CHROMIUM_PATH: '/no/such/file', CORTEX_SECRETS_BROWSER: '' });
  expect(code).toBe(0);
  expect(stdout).toMatch(/^browser tests: SKIPPED, .*\/no\/such\/file.*apt-get install chromium/);
});

test('fails if there is no browser and one is required', async () => {
  const { code } = await run({ CI: '', CHROMIUM_PATH: '/no/such/file', CORTEX_SECRETS_BROWSER: 'required' });
  expect(code).toBe(1);
});

test('names the browsers that it finds', async () => {
  const { code, stdout } = await run({ CHROMIUM_PATH: process.execPath, CORTEX_SECRETS_BROWSER: 'required' });
  const firefox = findFirefox() ?? 'without Firefox: its test is SKIPPED, there is none';
  expect({ code, stdout }).toEqual({ code: 0, stdout: `browser tests: with ${process.execPath}, ${firefox}\n` });
});
