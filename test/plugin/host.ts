/**
 * A page like the one that Cortex shows a plugin in: it speaks the protocol of plugin-core, and its server adds the API key
 * and passes the requests on to `cortex-secrets mock`, which runs in a process of its own.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';

/** What the page around the plugin does with a request. */
export type Mode =
  /** Adds this key; `null` adds none. */
  | { key: string | null }
  /** Says no, with plain data. */
  | { reject: unknown }
  /** Never answers, until the mode changes. */
  | 'hang';

export interface FetchMessage {
  type: 'fetch';
  input: string;
  init: { method: string; headers: Record<string, string>; body?: string };
}

/** The address of Cortex as the page around the plugin gives it. */
export const API_BASE_URL = 'https://api.getcortexapp.com/api/v1';

/** `sandbox`: the iframe's permissions. With `allow-scripts` alone the plugin may do least. */
const hostPage = (plugin: string, theme: string) => `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Cortex</title><link rel="icon" href="data:,">
<style>body { margin: 0 } iframe { display: block; width: 100vw; height: 100vh; border: 0 }</style></head>
<body><script>
const iframe = document.createElement('iframe');
iframe.title = 'Plugin';
iframe.sandbox = 'allow-scripts';
const send = async (path, message) => {
  const response = await fetch(path, { method: 'POST', body: JSON.stringify(message) });
  return response.json();
};
addEventListener('message', async ({ source, data, ports: [port] }) => {
  if (source !== iframe.contentWindow) return;
  if (data.type === 'context') {
    const user = { email: 'a@example.com', name: 'A' };
    const context = { apiBaseUrl: '${API_BASE_URL}', entity: null, location: 'GLOBAL', style: {}, tag: 'secrets', theme: '${theme}', user };
    port.postMessage(await send('/message', data).then(() => ({ ok: true, data: context })));
  } else if (data.type === 'init') {
    port.postMessage(await send('/message', data).then(() => ({ ok: true })));
  } else {
    port.postMessage(await send('/fetch', data));
  }
});
fetch('/plugin/${plugin}').then((response) => response.text()).then((html) => {
  iframe.srcdoc = html;
  document.body.append(iframe);
});
</script></body></html>`;

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/** Starts the mock with these secrets, and the server of the page. */
export async function startHost(
  seed: { tag: string; name: string; secret: string }[],
  plugin: (name: string) => string,
) {
  const mock = await startMock(seed);
  /** The messages of the plugin, and the answers to it, as JSON. */
  const messages: string[] = [];
  const answers: string[] = [];
  let mode: Mode = { key: mock.apiKey };
  let modeChanged = () => {};

  const answerOf = async ({ input, init }: FetchMessage): Promise<{ ok: boolean; data: unknown }> => {
    while (mode === 'hang') {
      await new Promise<void>((resolve) => {
        modeChanged = resolve;
      });
    }
    if ('reject' in mode) return { ok: false, data: mode.reject };
    const headers = { ...init.headers, ...(mode.key && { authorization: `Bearer ${mode.key}` }) };
    const { method, body = null } = init;
    try {
      const url = input.replace(API_BASE_URL, `${mock.baseUrl}/api/v1`);
      const response = await fetch(url, { method, body, headers, redirect: 'manual' });
      const { ok, status, statusText, type, redirected } = response;
      const data = { body: await response.text(), headers: Object.fromEntries(response.headers), trailer: {} };
      return { ok: true, data: { ...data, ok, status, statusText, type, redirected, url: input } };
    } catch {
      return { ok: false, data: 'Failed to fetch' };
    }
  };

  const server = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://host');
    const json = (value: unknown) => response.setHeader('content-type', 'application/json').end(JSON.stringify(value));
    if (request.method === 'POST') {
      const text = await bodyOf(request);
      messages.push(text);
      if (pathname !== '/fetch') return json({});
      const answer = await answerOf(JSON.parse(text));
      answers.push(JSON.stringify(answer));
      return json(answer);
    }
    response.setHeader('content-type', 'text/html; charset=utf-8');
    const [, name] = /^\/plugin\/(.+)/.exec(pathname) ?? [];
    response.end(
      name ? plugin(name) : hostPage(searchParams.get('plugin') ?? '', searchParams.get('theme') ?? 'light'),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  return {
    apiKey: mock.apiKey,
    apiKeyWithoutPermission: mock.apiKeyWithoutPermission,
    control: mock.control,
    url: (plugin: string, theme = 'light') =>
      `http://127.0.0.1:${(server.address() as AddressInfo).port}/?plugin=${plugin}&theme=${theme}`,
    messages,
    answers,
    /** The requests of the plugin, in order. */
    requests: () => messages.map((text): FetchMessage => JSON.parse(text)).filter(({ type }) => type === 'fetch'),
    setMode(next: Mode) {
      mode = next;
      modeChanged();
    },
    async reset() {
      await mock.control('POST', '/reset');
      this.setMode({ key: mock.apiKey });
      messages.length = 0;
      answers.length = 0;
    },
    close() {
      mock.process.kill();
      server.closeAllConnections();
      server.close();
    },
  };
}

async function startMock(seed: object[]) {
  const program = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
  const args = [program, 'mock', '--port', '0', '--control', '0', '--json', '--seed', '-'];
  const mock: ChildProcess = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  mock.stdin?.end(JSON.stringify(seed));
  const [printed] = await once(mock.stdout as NodeJS.ReadableStream, 'data');
  const { baseUrl, apiKey, apiKeyWithoutPermission, controlUrl } = JSON.parse(String(printed));
  const control = async (method: string, path: string, body?: object) => {
    const response = await fetch(`${controlUrl}${path}`, { method, body: body ? JSON.stringify(body) : null });
    if (response.status >= 400) throw new Error(`control port: ${response.status} ${await response.text()}`);
    return response.status === 204 ? undefined : response.json();
  };
  return { process: mock, baseUrl, apiKey, apiKeyWithoutPermission, control } as {
    process: ChildProcess;
    baseUrl: string;
    apiKey: string;
    apiKeyWithoutPermission: string;
    control: (method: string, path: string, body?: object) => Promise<unknown>;
  };
}

export type PluginHost = Awaited<ReturnType<typeof startHost>>;
