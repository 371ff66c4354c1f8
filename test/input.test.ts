/** What is refused before anything is sent. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { isNewTag } from '../src/input.js';
import { json, rejectionOf, testClient } from './support/helpers.js';

const value = { name: 'n', secret: 'some value' };

describe('the tag of a new secret', () => {
  const wrong = ['a.b', 'a b', '', 'a/b', 'ä', 'a\n', '{{a}}', '.', '..'];

  test.each(wrong)(
    '%j is a TypeError of create and set, unsent, that quotes nothing and says how to send it',
    async (tag) => {
      const secrets = testClient([]);
      for (const error of [
        await rejectionOf(secrets.create({ tag, ...value })),
        await rejectionOf(secrets.set(tag, value)),
      ]) {
        expect(error).toBeInstanceOf(TypeError);
        expect(error.message).toMatch(
          /^secrets\.(create|set): tag may have letters, digits, "-" and "_" only.*nothing was sent/,
        );
        expect(error.message).toMatch(/assumption.*update .*api\.POST/);
        if (tag.length > 1 && !/^\.+$/.test(tag)) expect(error.message).not.toContain(tag);
      }
      expect(secrets.sent).toEqual([]);
    },
  );

  test('that is not a string is a TypeError of set', async () => {
    const secrets = testClient([]);
    for (const tag of [undefined, null, 5, {}])
      expect(await rejectionOf(secrets.set(tag as never, value))).toThrow(TypeError);
    expect(secrets.sent).toEqual([]);
  });

  test('update and api.POST send what create refuses', async () => {
    const stored = { id: 'se1', tag: 'a.b' };
    const secrets = testClient([json(200, stored), json(200, stored)]);
    expect(await secrets.update('a.b', value)).toEqual(stored);
    const { data } = await secrets.api.POST('/api/v1/secrets', { body: { tag: 'a.b', ...value } });
    expect(data).toEqual(stored);
  });

  test('follows the pattern of the contract', () => {
    const contract = JSON.parse(readFileSync(new URL('../generated/openapi.json', import.meta.url), 'utf8'));
    const pattern = new RegExp(contract.components.schemas.NewSecret.properties.tag.pattern);
    const characters = Array.from({ length: 0x180 }, (_, code) => String.fromCharCode(code));
    for (const tag of [...wrong, ...characters, ...characters.map((char) => `a${char}b`)])
      expect([tag, isNewTag(tag)]).toEqual([tag, pattern.test(tag)]);
  });
});
