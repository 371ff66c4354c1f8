// The redis-server of this machine, on a port of its own.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { installPackage } from '../scripts/lib/apt.js';

const findRedis = () =>
  (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, 'redis-server'))
    .find((path) => existsSync(path));

/**
 * Installs Debian's Redis on a CI machine that has none. A run must not change the machine of the person who starts it.
 *
 * @returns {Promise<string | undefined>} why there is none; undefined if there is one
 */
export async function ensureRedis() {
  if (findRedis()) return undefined;
  const how = 'Install it (on Debian: apt-get install redis-server).';
  if ([undefined, '', 'false', '0'].includes(process.env.CI))
    return `there is no redis-server, and it is installed only if CI is set. ${how}`;
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get'))
    return `there is no redis-server, and only root may install it, by apt-get. ${how}`;
  console.log('Installing redis-server from the packages of this system ...');
  const failed = await installPackage('redis-server');
  return findRedis() ? undefined : `redis-server could not be installed (${failed}). ${how}`;
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  return port;
}

/** Starts Redis on loopback, without any file. `kill` ends it at once, `close` also removes its folder. */
export async function startRedis() {
  const folder = await mkdtemp(join(tmpdir(), 'cortex-secrets-redis-'));
  const port = await freePort();
  const args = ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder];
  const child = spawn(findRedis() ?? 'redis-server', args, { stdio: 'ignore' });
  const exited = once(child, 'exit');
  const kill = async () => {
    child.kill('SIGKILL');
    await exited;
  };
  for (let left = 100; ; left--) {
    const socket = connect(port, '127.0.0.1');
    const isUp = await new Promise((resolve) => {
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    });
    socket.destroy();
    if (isUp) break;
    if (left === 0 || child.exitCode !== null) throw new Error(`redis-server does not listen on port ${port}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return {
    url: `redis://127.0.0.1:${port}`,
    kill,
    async close() {
      await kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
