/** A create is never sent twice: on real sockets, since the question is whether I/O came before an error. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createSecretsClient, type Fetch } from 'cortex-secrets';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { KEY, rejectionOf } from '../support/helpers.js';

let received = 0;
const server = createServer((request, response) => {
  received++;
  request.resume().on('end', () => response.end('{}'));
});
let baseUrl: string;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

test('a DataCloneError about the response does not send a create again, however quick the response is', async () => {
  const fetch: Fetch = async (url, init) => {
    const response = await globalThis.fetch(url, init as RequestInit);
    await response.arrayBuffer();
    throw new DOMException('the response could not be cloned', 'DataCloneError');
  };
  for (let i = 0; i < 60; i++) {
    received = 0;
    const secrets = createSecretsClient({ apiKey: KEY, baseUrl, fetch });
    const error = await rejectionOf(secrets.create({ tag: 't', name: 'n', secret: 'some value' }));
    expect([received, error.outcome]).toEqual([1, 'unknown']);
  }
});

test.each([
  ['throws at once', (signal: unknown) => noClone(signal)],
  ['rejects at once', async (signal: unknown) => noClone(signal)],
  [
    'rejects after a few promises',
    async (signal: unknown) => {
      for (let i = 0; i < 10; i++) await undefined;
      noClone(signal);
    },
  ],
])('a fetch that can not clone a signal and %s is called again without it', async (_, post) => {
  received = 0;
  const fetch: Fetch = (url, init) => Promise.resolve(post(init.signal)).then(() => globalThis.fetch(url, init));
  const secrets = createSecretsClient({ apiKey: KEY, baseUrl, fetch });
  const error = await rejectionOf(secrets.create({ tag: 't', name: 'n', secret: 'some value' }));
  expect([received, error.name]).toEqual([1, 'ContractError']);
});

function noClone(signal: unknown) {
  if (signal) throw new DOMException('AbortSignal object could not be cloned', 'DataCloneError');
}
