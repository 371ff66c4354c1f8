import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import { rootCertificates } from 'node:tls';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { clientThroughProxy, clientTrusting } from '../../examples/proxy.js';

const fixture = (name: string) => readFileSync(new URL(`../support/fixtures/self-signed.${name}`, import.meta.url));
const ca = fixture('crt').toString();
const VALUE = 'canary of a value';
const answer = JSON.stringify({ id: 'se0000000000000001', tag: 'a' });

/** Cortex behind a certificate of its own authority; and a proxy that tunnels, and hears all that passes. */
const cortex = createTlsServer({ key: fixture('key'), cert: fixture('crt') }, (request, response) => {
  asked.push(`${request.method} ${request.url} ${request.headers.authorization}`);
  response.setHeader('content-type', 'application/json').end(answer);
});
const proxy = createServer((_, response) => response.writeHead(405).end());
const asked: string[] = [];
const tunnels: string[] = [];
let heard = '';
let baseUrl: string;
let proxyUrl: string;

const listening = async (server: typeof proxy | typeof cortex) => {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', () => done()));
  return (server.address() as AddressInfo).port;
};
beforeAll(async () => {
  proxy.on('connect', (request: IncomingMessage, socket, head: Buffer) => {
    tunnels.push(`${request.url} ${request.headers['proxy-authorization']}`);
    const { port, hostname } = new URL(`http://${request.url}`);
    const onward = connect(Number(port), hostname, () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      onward.write(head);
      socket.on('data', (data: Buffer) => {
        heard += data.toString('latin1');
      });
      socket.pipe(onward).pipe(socket);
    });
    onward.on('error', () => socket.destroy());
    socket.on('error', () => onward.destroy());
  });
  baseUrl = `https://127.0.0.1:${await listening(cortex)}`;
  proxyUrl = `http://user:password@127.0.0.1:${await listening(proxy)}`;
});
beforeEach(() => {
  asked.length = 0;
  tunnels.length = 0;
  heard = '';
});
afterAll(() => {
  for (const server of [cortex, proxy]) {
    server.closeAllConnections();
    server.close();
  }
});

test('an authority of one’s own', async () => {
  await clientTrusting(ca, { apiKey: 'k', baseUrl }).update('a', { secret: VALUE });
  expect(asked).toEqual(['PUT /api/v1/secrets/a Bearer k']);
});

test('without it the certificate is refused, and nothing is sent', async () => {
  const secrets = clientThroughProxy(proxyUrl, { apiKey: 'k', baseUrl, retry: false });
  await expect(secrets.update('a', { secret: VALUE })).rejects.toMatchObject({
    name: 'ConnectionError',
    code: 'DEPTH_ZERO_SELF_SIGNED_CERT',
    outcome: 'not-sent',
  });
  expect(asked).toEqual([]);
});

test.each([
  ['directly', (other: string) => clientTrusting(other, { apiKey: 'k', baseUrl, retry: false })],
  ['through a proxy', (other: string) => clientThroughProxy(proxyUrl, { apiKey: 'k', baseUrl, retry: false }, other)],
])('another authority does not do: %s', async (_, clientOf) => {
  const [other = ''] = rootCertificates;
  await expect(clientOf(other).update('a', { secret: VALUE })).rejects.toMatchObject({
    name: 'ConnectionError',
    outcome: 'not-sent',
  });
  expect(asked).toEqual([]);
});

test('through a proxy, which hears neither key nor value', async () => {
  const secrets = clientThroughProxy(proxyUrl, { apiKey: 'canary-of-a-key', baseUrl }, ca);
  await secrets.update('a', { secret: VALUE });
  expect(asked).toEqual(['PUT /api/v1/secrets/a Bearer canary-of-a-key']);
  expect(tunnels).toEqual([`${new URL(baseUrl).host} Basic ${btoa('user:password')}`]);
  expect(heard.length).toBeGreaterThan(100);
  expect(heard).not.toContain('canary');
});

test('a proxy that is not there: no connection was made', async () => {
  const secrets = clientThroughProxy('http://127.0.0.1:2', { apiKey: 'k', baseUrl, retry: false }, ca);
  await expect(secrets.create({ tag: 'a', name: 'A', secret: VALUE })).rejects.toMatchObject({
    name: 'ConnectionError',
    code: 'ECONNREFUSED',
    outcome: 'not-sent',
  });
});
