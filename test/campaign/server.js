// A Cortex on loopback that fails at random, before and after processing, and records what it did for each call.
import { createServer } from 'node:http';

/** Returns a number from 0 to 1 that depends only on the seed and the names, so that a run can be replayed. */
export function chance(seed, ...names) {
  let hash = seed >>> 0;
  for (const char of names.join('|')) hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193) >>> 0;
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  hash = Math.imul(hash ^ (hash >>> 12), 0x297a2d39);
  return ((hash ^ (hash >>> 15)) >>> 0) / 2 ** 32;
}

/** The faults and their probabilities. */
const FAULTS = {
  'before: 400': 0.01,
  'before: 403': 0.01,
  'before: 408': 0.01,
  'before: 429': 0.03,
  'before: 429, Retry-After 0': 0.02,
  'before: 500': 0.01,
  'before: 503': 0.03,
  'before: reset': 0.03,
  'before: hang': 0.003,
  'before: redirect': 0.01,
  'before: 303': 0.005,
  'before: 404 of an ingress': 0.01,
  'before: 429, absurd Retry-After': 0.002,
  'after: 303': 0.005,
  'after: 500': 0.01,
  'after: 502': 0.02,
  'after: 504, stalled body': 0.003,
  'after: reset': 0.03,
  'after: hang': 0.003,
  'after: truncated body': 0.02,
  'after: stalled body': 0.003,
  'after: not JSON': 0.005,
  'after: wrong shape': 0.03,
  'after: slow': 0.05,
};

/** The faults after which the client can't know whether the request was processed. */
const AMBIGUOUS = /303|408|50\d|reset|hang|truncated|stalled|JSON/;
/** An epoch, far more digits than a number has, and the end of the calendar. */
const ABSURD = ['1780000000', '9'.repeat(400), 'Fri, 31 Dec 9999 23:59:59 GMT'];

const message = (status, text) =>
  JSON.stringify({ message: text, type: 'CAMPAIGN', details: text, requestId: text, httpStatus: status });

/**
 * @param {{ seed: number, keys: { current: string } }} setup
 */
export async function startServer({ seed, keys }) {
  /** By tag. @type {Map<string, { id: string, tag: string, name: string, secret: string }>} */
  const secrets = new Map();
  /** The changes, by the call that requested them. @type {Map<string, string[]>} */
  const changes = new Map();
  /** The number of requests of each call. @type {Map<string, number>} */
  const requests = new Map();
  /** The attempts that the client aborted before they were read. @type {Set<string>} */
  const abandoned = new Set();
  /** The calls that had an ambiguous attempt. @type {Set<string>} */
  const ambiguous = new Set();
  /** The creates that were retried after an ambiguous attempt. @type {string[]} */
  const wronglyRetried = [];
  const counts = { requests: 0, faults: 0 };
  let ids = 0;

  const find = (tagOrId) => secrets.get(tagOrId) ?? [...secrets.values()].find(({ id }) => id === tagOrId);
  const shown = ({ id, tag, name }) => ({ id, tag, name });

  /** Returns the response to a request, and the change that it requests. */
  function plan(method, url, body) {
    const tagOrId = decodeURIComponent(url.pathname.split('/')[4] ?? '');
    if (method === 'POST') {
      if (secrets.has(body.tag)) return { status: 409, body: message(409, 'exists') };
      const made = { id: `se${String(++ids).padStart(16, '0')}`, ...body };
      return {
        status: 200,
        body: JSON.stringify(shown(made)),
        change: 'create',
        run: () => secrets.set(body.tag, made),
      };
    }
    if (tagOrId === '') {
      const page = Number(url.searchParams.get('page'));
      const size = Number(url.searchParams.get('pageSize'));
      const all = [...secrets.values()].sort((a, b) => (a.tag < b.tag ? -1 : 1)).map(shown);
      const part = all.slice(page * size, (page + 1) * size);
      return {
        status: 200,
        body: JSON.stringify({ page, secrets: part, total: all.length, totalPages: Math.ceil(all.length / size) }),
      };
    }
    const one = find(tagOrId);
    if (!one) return { status: 404, body: message(404, 'not found') };
    if (method === 'GET') return { status: 200, body: JSON.stringify(shown(one)) };
    if (method === 'DELETE') return { status: 200, body: '', change: 'delete', run: () => secrets.delete(one.tag) };
    const changed = { ...one, ...body };
    return {
      status: 200,
      body: JSON.stringify(shown(changed)),
      change: 'update',
      run: () => secrets.set(one.tag, changed),
    };
  }

  const server = createServer(async (request, response) => {
    let text = '';
    try {
      for await (const chunk of request) text += chunk;
    } catch {
      return; // the client disconnected before the request was complete
    }
    const operation = String(request.headers['x-operation']);
    if (abandoned.delete(String(request.headers['x-attempt']))) return void ambiguous.add(operation);
    if (operation.startsWith('create') && ambiguous.has(operation)) wronglyRetried.push(operation);
    const attempt = (requests.get(operation) ?? 0) + 1;
    requests.set(operation, attempt);
    counts.requests++;
    const end = (status, body, headers = {}) => response.writeHead(status, headers).end(body);
    if (request.headers.authorization !== `Bearer ${keys.current}`) return end(401, message(401, 'unauthorized'));

    // Echoes the API key and the value in some encoding, as a careless server might.
    const { secret = '' } = text ? JSON.parse(text) : {};
    const forms = [secret, JSON.stringify(secret), encodeURIComponent(secret), Buffer.from(secret).toString('base64')];
    const echo = `${forms[attempt % forms.length]} ${request.headers.authorization}`;

    let fault = '';
    let dice = chance(seed, operation, attempt);
    for (const [name, share] of Object.entries(FAULTS)) {
      dice -= share;
      if (dice < 0 && fault === '') fault = name;
    }
    if (fault !== '') counts.faults++;
    if (AMBIGUOUS.test(fault)) ambiguous.add(operation);
    if (fault.startsWith('before')) {
      if (fault.endsWith('hang')) return;
      if (fault.endsWith('reset')) return request.socket.resetAndDestroy();
      if (fault.endsWith('redirect'))
        return end(307, '', { location: `http://127.0.0.1:1/${encodeURIComponent(echo)}` });
      if (fault.endsWith('Retry-After 0')) return end(429, '', { 'retry-after': '0' });
      if (fault.endsWith('absurd Retry-After'))
        return end(429, '', { 'retry-after': String(ABSURD[counts.faults % ABSURD.length]) });
      if (fault.endsWith('ingress')) return end(404, `<h1>404</h1><!-- ${echo} -->`, { 'content-type': 'text/html' });
      const status = Number(fault.slice(8));
      return end(status, message(status, echo));
    }

    const planned = plan(
      String(request.method),
      new URL(String(request.url), 'http://x'),
      text ? JSON.parse(text) : {},
    );
    if (planned.run) {
      planned.run();
      changes.set(operation, [...(changes.get(operation) ?? []), planned.change]);
    }
    const { status, body } = planned;
    const length = { 'content-length': String(Buffer.byteLength(body) + 10) };
    switch (fault) {
      case 'after: hang':
        return;
      case 'after: reset':
        return request.socket.resetAndDestroy();
      case 'after: truncated body':
        response.writeHead(status, length);
        return response.write(body.slice(0, 5), () => request.socket.destroy());
      case 'after: stalled body':
        return response.writeHead(status, length).write(body.slice(0, 5));
      case 'after: 504, stalled body':
        return response.writeHead(504, { 'content-length': '500' }).write('{');
      case 'after: not JSON':
        return end(status, `<p>${echo}</p>`);
      case 'after: wrong shape': {
        // With the tag that was asked for it is Cortex's.
        const tag = text
          ? (JSON.parse(text).tag ?? decodeURIComponent(String(request.url).split('/').at(-1) ?? ''))
          : echo;
        return end(status, JSON.stringify({ id: 5, tag, name: echo }));
      }
      case 'after: slow':
        return setTimeout(end, 10, status, body);
      default:
        return fault ? end(Number(fault.slice(7)), message(status, echo)) : end(status, body);
    }
  });
  server.on('clientError', (_, socket) => socket.destroy());
  await new Promise((listening) => server.listen(0, '127.0.0.1', () => listening(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return {
    url: `http://127.0.0.1:${port}`,
    secrets,
    changes,
    abandoned,
    ambiguous,
    wronglyRetried,
    counts,
    close: () =>
      new Promise((closed) => {
        server.close(closed);
        server.closeAllConnections();
      }),
  };
}
