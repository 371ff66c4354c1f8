/** The bodies that the in-memory Cortex takes: UTF-8 only, so that a wrong encoding is seen in a test, and not in Cortex. */
import { createSecretsClient } from 'cortex-secrets';
import { createFakeCortex, type FakeCortexOptions } from 'cortex-secrets/testing';
import { describe, expect, test } from 'vitest';
import { rejectionOf } from '../support/helpers.js';

const mine = { tag: 'my-secret', name: 'My secret', secret: 'p\u00e4ss\u{1f511}' };
const text = JSON.stringify(mine);

async function create(body: BodyInit, headers: Record<string, string> = {}, options: FakeCortexOptions = {}) {
  const cortex = createFakeCortex(options);
  const response = await cortex.fetch(`${cortex.baseUrl}/api/v1/secrets`, {
    method: 'POST',
    headers: { authorization: `Bearer ${cortex.apiKey}`, 'content-type': 'application/json', ...headers },
    body,
    duplex: 'half',
  } as RequestInit);
  const { message } = await response.json();
  return { status: response.status, message, headers: response.headers, stored: cortex.storedValue('my-secret') };
}
const latin1 = Uint8Array.from(text.slice(0, -4), (char) => char.charCodeAt(0));
const bytes = new TextEncoder().encode(text);

describe('a body that is not UTF-8 gets 400, and nothing is stored:', () => {
  const utf16 = Uint8Array.from([...text].flatMap((char) => [char.charCodeAt(0) & 255, char.charCodeAt(0) >> 8]));
  test.each<[string, BodyInit]>([
    ['ISO 8859-1 as bytes', latin1],
    ['ISO 8859-1 as a Blob', new Blob([latin1])],
    ['ISO 8859-1 as a stream', new Blob([latin1]).stream()],
    ['the first half of a character', bytes.slice(0, bytes.indexOf(0xf0) + 2)],
    ['an overlong encoding', Uint8Array.of(0x22, 0xc0, 0xaf, 0x22)],
    ['a lone surrogate as bytes', Uint8Array.of(0x22, 0xed, 0xa0, 0x80, 0x22)],
    ['a lone surrogate in a string', text.replace('p\u00e4ss', '\ud800')],
  ])('%s', async (_, body) => {
    expect(await create(body)).toMatchObject({
      status: 400,
      message: 'The body is not UTF-8; encode the JSON as UTF-8',
      stored: undefined,
    });
  });

  test('UTF-16, which JSON may not be, is not JSON', async () => {
    expect(await create(utf16)).toMatchObject({ status: 400, stored: undefined });
  });

  test('a Request with such a body', async () => {
    const cortex = createFakeCortex();
    const headers = { authorization: `Bearer ${cortex.apiKey}`, 'content-type': 'application/json' };
    const request = new Request(`${cortex.baseUrl}/api/v1/secrets`, { method: 'POST', headers, body: latin1 });
    expect((await cortex.fetch(request)).status).toBe(400);
  });
});

test('a lone surrogate as a JSON escape gets 400: serializers write it for text that was decoded wrongly', async () => {
  expect(await create(JSON.stringify({ ...mine, secret: 'a\udce4' }))).toMatchObject({
    status: 400,
    message: 'secret must not contain a lone surrogate',
    stored: undefined,
  });
});

test('UTF-8 is stored as it is, also with a whole surrogate pair as JSON escapes', async () => {
  expect(await create(bytes)).toMatchObject({ status: 200, stored: mine.secret });
  const escaped = text.replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
  expect(escaped).toContain('\\ud83d\\udd11');
  expect(await create(escaped)).toMatchObject({ status: 200, stored: mine.secret });
  expect(await create(JSON.stringify({ ...mine, secret: 'U+FFFD itself: \ufffd' }))).toMatchObject({ status: 200 });
});

describe('the headers of a body:', () => {
  test.each([
    ['application/json; charset=iso-8859-1', 415],
    ['application/json;charset=utf-16', 415],
    ['application/json; charset="latin1"; x=y', 415],
    ['application/json; charset=', 415],
    ['application/json; charset=utf-8', 200],
    ['application/json;charset="UTF-8"', 200],
    ['Application/JSON ; Charset=utf8', 200],
    ['application/json; profile=x', 200],
    ['text/plain; charset=utf-8', 415],
    ['application/jsonp', 415],
  ])('Content-Type: %s gets %i', async (type, status) => {
    expect((await create(bytes, { 'content-type': type })).status).toBe(status);
  });

  test.each(['gzip', 'br', 'identity, gzip'])('Content-Encoding: %s gets 415, and nothing is stored', async (name) => {
    const { status, message, headers, stored } = await create(bytes, { 'content-encoding': name });
    expect({ status, message, stored }).toEqual({
      status: 415,
      message: 'Content-Encoding is not supported; send the body uncompressed',
      stored: undefined,
    });
    expect(headers.get('accept-encoding')).toBe('identity'); // RFC 9110, section 15.5.16
  });

  test('Content-Encoding: identity is accepted', async () => {
    expect((await create(bytes, { 'content-encoding': 'Identity' })).status).toBe(200);
  });

  test('of another charset get 415 and not 400 for its bytes', async () => {
    const { status, message } = await create(latin1, { 'content-type': 'application/json; charset=iso-8859-1' });
    expect([status, message]).toEqual([415, 'The charset of Content-Type must be UTF-8, or left out']);
  });
});

describe('an empty value', () => {
  const empty = JSON.stringify({ ...mine, secret: '' });

  test('gets 400, as the contract assumes', async () => {
    expect(await create(empty)).toMatchObject({ status: 400, message: 'secret must not be empty', stored: undefined });
  });

  test('is stored with allowEmptyValues: true, by create, update and set', async () => {
    expect(await create(empty, {}, { allowEmptyValues: true })).toMatchObject({ status: 200, stored: '' });
    const cortex = createFakeCortex({ allowEmptyValues: true, seed: [mine] });
    const secrets = createSecretsClient({ ...cortex.clientOptions });
    await secrets.update('my-secret', { secret: '' }, { allowEmptyValue: true });
    expect(cortex.storedValue('my-secret')).toBe('');
    await secrets.set('other', { name: 'Other', secret: '' }, { allowEmptyValue: true });
    expect(cortex.storedValue('other')).toBe('');
  });

  test('with allowEmptyValues: true the rest of the body is still validated', async () => {
    const options = { allowEmptyValues: true };
    expect((await create('{"tag":"a b","name":"n","secret":""}', {}, options)).status).toBe(400);
    expect((await create('{"tag":"t","secret":""}', {}, options)).status).toBe(400);
    expect((await create('{"tag":"t","name":"n"}', {}, options)).status).toBe(400);
    for (const body of ['null', '5', '""', '[]']) expect((await create(body, {}, options)).status).toBe(400);
  });

  test('is refused by the client without a request, also if the fake would store it', async () => {
    const cortex = createFakeCortex({ allowEmptyValues: true, seed: [mine] });
    const secrets = createSecretsClient({ ...cortex.clientOptions });
    expect(await rejectionOf(secrets.set('my-secret', { name: 'n', secret: '' }))).toBeInstanceOf(TypeError);
    expect(cortex.requests).toEqual([]);
    expect(cortex.storedValue('my-secret')).toBe(mine.secret);
  });
});
