// Installs Debian packages on a CI machine.
import { execFile } from 'node:child_process';

const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };

/**
 * @param {string[]} args
 * @returns {Promise<string | undefined>} the error of apt-get, in a line; undefined if it succeeds
 */
const apt = (...args) =>
  new Promise((resolve) => {
    execFile('apt-get', ['-q', ...args], { env, timeout: 240_000, maxBuffer: 2 ** 26 }, (error, _, stderr) => {
      resolve(error ? stderr.trim().split('\n').at(-1) || error.message : undefined);
    });
  });

/**
 * @param {string} name
 * @returns {Promise<string | undefined>} why the package could not be installed
 */
export const installPackage = async (name) =>
  (await apt('update')) ?? (await apt('install', '--yes', '--no-install-recommends', name));
