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
const body = JSON.stringify({ id: 'se0000000000000001', tag: 'a' });

/** Cortex with a certificate of a private authority, and a tunnelling proxy that records its traffic. */
const cortex = createTlsServer({ key: fixture('key'), cert: fixture('crt') }, (request, response) => {
  requests.push(`${request.method} ${request.url} ${request.headers.authorization}`);
  response.setHeader('content-type', 'application/json').end(body);
});
const proxy = createServer((_, response) => response.writeHead(405).end());
const requests: string[] = [];
const tunnels: string[] = [];
let recorded = '';
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
    const upstream = connect(Number(port), hostname, () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      upstream.write(head);
      socket.on('data', (data: Buffer) => {
        recorded += data.toString('latin1');
      });
      socket.pipe(upstream).pipe(socket);
    });
    upstream.on('error', () => socket.destroy());
    socket.on('error', () => upstream.destroy());
  });
  baseUrl = `https://127.0.0.1:${await listening(cortex)}`;
  proxyUrl = `http://user:password@127.0.0.1:${await listening(proxy)}`;
});
beforeEach(() => {
  requests.length = 0;
  tunnels.length = 0;
  recorded = '';
});
afterAll(() => {
  for (const server of [cortex, proxy]) {
    server.closeAllConnections();
    server.close();
  }
});

test('clientTrusting accepts a certificate of the given authority', async () => {
  await clientTrusting(ca, { apiKey: 'k', baseUrl }).update('a', { secret: VALUE });
  expect(requests).toEqual(['PUT /api/v1/secrets/a Bearer k']);
});

test('without the authority the certificate is rejected, and nothing is sent', async () => {
  const secrets = clientThroughProxy(proxyUrl, { apiKey: 'k', baseUrl, retry: false });
  await expect(secrets.update('a', { secret: VALUE })).rejects.toMatchObject({
    name: 'ConnectionError',
    code: 'DEPTH_ZERO_SELF_SIGNED_CERT',
    outcome: 'not-sent',
  });
  expect(requests).toEqual([]);
});

test.each([
  ['directly', (other: string) => clientTrusting(other, { apiKey: 'k', baseUrl, retry: false })],
  ['through a proxy', (other: string) => clientThroughProxy(proxyUrl, { apiKey: 'k', baseUrl, retry: false }, other)],
])('rejects a certificate of another authority %s', async (_, clientOf) => {
  const [other = ''] = rootCertificates;
  await expect(clientOf(other).update('a', { secret: VALUE })).rejects.toMatchObject({
    name: 'ConnectionError',
    outcome: 'not-sent',
  });
  expect(requests).toEqual([]);
});

test('through a proxy, sends neither API key nor value in clear text', async () => {
  const secrets = clientThroughProxy(proxyUrl, { apiKey: 'canary-of-a-key', baseUrl }, ca);
  await secrets.update('a', { secret: VALUE });
  expect(requests).toEqual(['PUT /api/v1/secrets/a Bearer canary-of-a-key']);
  expect(tunnels).toEqual([`${new URL(baseUrl).host} Basic ${btoa('user:password')}`]);
  expect(recorded.length).toBeGreaterThan(100);
  expect(recorded).not.toContain('canary');
});

test('without a proxy at its address, the outcome is not-sent', async () => {
  const secrets = clientThroughProxy('http://127.0.0.1:2', { apiKey: 'k', baseUrl, retry: false }, ca);
  await expect(secrets.create({ tag: 'a', name: 'A', secret: VALUE })).rejects.toMatchObject({
    name: 'ConnectionError',
    code: 'ECONNREFUSED',
    outcome: 'not-sent',
  });
});
