/** The in-memory Cortex on a port, and raw requests to it. */
import { connect } from 'node:net';
import { Command } from 'commander';
import { addMockCommand } from '../../src/cli/commands/mock.js';
import { createIo } from '../../src/cli/io.js';
import { checkMockOptions, type MockOptions } from '../../src/cli/mock/options.js';
import { type ListenOptions, listen } from '../../src/mock/http-server.js';
import { createFake } from '../../src/testing/fake-cortex.js';
import type { FakeCortexOptions } from '../../src/testing/options.js';

export const ALL = '/api/v1/secrets';
export const mine = { tag: 'my-secret', name: 'My secret', secret: 'the value' };
export const AUTHORIZED = 'Host: x\r\nAuthorization: Bearer fake-api-key\r\n';

export async function startMock(options: Partial<ListenOptions> = {}, fakeOptions: FakeCortexOptions = {}) {
  const fake = createFake({ seed: [mine], ...fakeOptions });
  const server = await listen(fake.handleRequest, { port: 0, host: '127.0.0.1', ...options });
  return { ...fake, ...server, port: Number(new URL(server.url).port) };
}

/** The command, as the command line has it. */
export function mockCommand(): Command {
  const program = new Command().exitOverride().configureOutput({ writeErr: () => {} });
  addMockCommand(program);
  return program.commands[0] as Command;
}

/** What the arguments after `mock` mean. */
export async function parseMock(args: string[], environment?: NodeJS.ProcessEnv) {
  let options: MockOptions = {};
  const command = mockCommand().action((given: MockOptions) => {
    options = given;
  });
  await command.parseAsync(args, { from: 'user' });
  return checkMockOptions(options, createIo({}), environment);
}

/** Opens a connection, and resolves with it once it is made. */
export function openSocket(port: number) {
  const socket = connect(port, '127.0.0.1');
  let received = Buffer.alloc(0);
  const closed = new Promise<Buffer>((resolve) => {
    socket
      .on('data', (data) => {
        received = Buffer.concat([received, data]);
      })
      .on('error', () => {})
      .on('close', () => resolve(received));
  });
  /** Waits until the bytes received match. */
  const until = (pattern: RegExp) =>
    new Promise<string>((resolve, reject) => {
      const look = () => {
        if (!pattern.test(received.toString('latin1'))) return;
        socket.off('data', look);
        resolve(received.toString());
      };
      socket.on('data', look);
      socket.once('close', () => reject(new Error(`the connection was closed after: ${received}`)));
      look();
    });
  return {
    socket,
    until,
    closed,
    send: (...parts: (string | Uint8Array)[]) => {
      for (const part of parts) socket.write(part);
    },
  };
}
