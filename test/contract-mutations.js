// Faults of the contract and of the in-memory Cortex, which the checks of the contract must detect. Seeded by
// `node scripts/checks/contract-mutations.js`. `find` must occur exactly once in its file.

const SPEC = 'spec/openapi.yaml';
const fake = (name) => `src/testing/${name}.ts`;

/** @type {{ name: string, file: string, find: string, replace: string }[]} */
export const contractMutations = [
  // The in-memory Cortex
  {
    name: 'fake: a delete does nothing',
    file: fake('store'),
    find: 'this.#byTag.delete(tag);\n    this.#byId.delete(id);\n    this.#sortedByTag.splice(this.#indexOf(tag), 1);',
    replace: 'void [id, tag];',
  },
  {
    name: 'fake: a deleted secret stays in the list',
    file: fake('store'),
    find: 'this.#sortedByTag.splice(this.#indexOf(tag), 1);',
    replace: '',
  },
  {
    name: 'fake: a deleted secret is found by its id',
    file: fake('store'),
    find: 'this.#byId.delete(id);',
    replace: 'void id;',
  },
  {
    name: 'fake: an update ignores the name',
    file: fake('store'),
    find: 'if (name !== undefined) stored.fields.name = name;',
    replace: '',
  },
  {
    name: 'fake: an update ignores the value',
    file: fake('store'),
    find: 'if (secret !== undefined) stored.value = secret;',
    replace: '',
  },
  {
    name: 'fake: an update without a name deletes the name',
    file: fake('store'),
    find: 'if (name !== undefined) stored.fields.name = name;',
    replace: 'if (name === undefined) delete stored.fields.name;\n    else stored.fields.name = name;',
  },
  {
    name: 'fake: responses contain the value',
    file: fake('store'),
    find: 'const fields = { id, tag,',
    replace: 'const fields = { id, tag, ...{ secret },',
  },
  {
    name: 'fake: a missing name is null',
    file: fake('store'),
    find: '...(name !== undefined && { name }) };',
    replace: 'name: (name ?? null) as string };',
  },
  { name: 'fake: no secret is found by its id', file: fake('store'), find: ' ?? this.#byId.get(tagOrId)', replace: '' },
  { name: 'fake: ids have 17 characters', file: fake('store'), find: '.slice(-16)}`', replace: '.slice(-15)}`' },
  {
    name: 'fake: the list is not sorted',
    file: fake('store'),
    find: 'this.#sortedByTag.splice(this.#indexOf(stored.fields.tag), 0, stored);',
    replace: 'this.#sortedByTag.push(stored);',
  },
  {
    name: 'fake: pages are 1-indexed',
    file: fake('store'),
    find: 'const start = page * pageSize - shift;',
    replace: 'const start = (page - 1) * pageSize - shift;',
  },
  {
    name: 'fake: the last page is not counted',
    file: fake('store'),
    find: 'Math.ceil(total / pageSize)',
    replace: 'Math.floor(total / pageSize)',
  },
  {
    name: 'fake: total counts the page only',
    file: fake('store'),
    find: 'const total = this.size + shift;',
    replace: 'const total = secrets.length;',
  },
  {
    name: 'fake: a page without total',
    file: fake('store'),
    find: ',"total":${total},',
    replace: ',',
  },
  {
    name: 'fake: a create of an existing tag overwrites',
    file: fake('operations'),
    find: 'if (store.has(parsed.input.tag)) return conflict(parsed.input.tag);',
    replace: 'if (store.has(parsed.input.tag)) return secretResponse(store.update(parsed.input.tag, parsed.input));',
  },
  {
    name: 'fake: an update of an unknown tag creates',
    file: fake('operations'),
    find: 'return secretResponse(store.update(parsed.tagOrId, parsed.input));',
    replace:
      "return secretResponse(store.update(parsed.tagOrId, parsed.input) ?? store.create({ tag: parsed.tagOrId, secret: '', ...parsed.input }));",
  },
  {
    name: 'fake: a create responds with 201',
    file: fake('operations'),
    find: 'return jsonResponse(200, store.create(parsed.input));',
    replace: 'return jsonResponse(201, store.create(parsed.input));',
  },
  {
    name: 'fake: a delete responds with a body',
    file: fake('operations'),
    find: 'store.delete(parsed.tagOrId) ? emptyResponse(200)',
    replace: 'store.delete(parsed.tagOrId) ? jsonResponse(200, "{}")',
  },
  {
    name: 'fake: a delete of an unknown tag succeeds',
    file: fake('operations'),
    find: 'return store.delete(parsed.tagOrId) ? emptyResponse(200) : secretResponse();',
    replace: 'store.delete(parsed.tagOrId);\n        return emptyResponse(200);',
  },
  {
    name: 'fake: every key is accepted',
    file: fake('operations'),
    find: 'if (key === keys.apiKey) return undefined;',
    replace: 'if (key !== undefined && key !== keys.apiKeyWithoutPermission) return undefined;',
  },
  {
    name: 'fake: a missing key is accepted',
    file: fake('operations'),
    find: 'if (key === undefined) return error(401,',
    replace: 'if (key === undefined) return undefined;\n    if (key === "") return error(401,',
  },
  {
    name: 'fake: a missing permission gives 401',
    file: fake('operations'),
    find: 'return error(403,',
    replace: 'return error(401,',
  },
  {
    name: 'fake: a 429 without Retry-After',
    file: fake('operations'),
    find: ", { headers: { 'retry-after': String(seconds) } })",
    replace: ')',
  },
  {
    name: 'fake: Retry-After in milliseconds',
    file: fake('rate-limiter'),
    find: 'Math.ceil((end - at) / 1000)',
    replace: 'end - at',
  },
  {
    name: 'fake: the limit allows one request too many',
    file: fake('rate-limiter'),
    find: 'left-- > 0',
    replace: 'left-- >= 0',
  },
  {
    name: 'fake: an error without its type',
    file: fake('responses'),
    find: '{ message, type, details, httpStatus',
    replace: '{ message, details, httpStatus',
  },
  {
    name: 'fake: an undeclared header',
    file: fake('responses'),
    find: "const JSON_TYPE = { 'content-type': 'application/json' };",
    replace: "const JSON_TYPE = { 'content-type': 'application/json', 'x-debug': 'yes' };",
  },
  {
    name: 'fake: JSON as text/plain',
    file: fake('responses'),
    find: "const JSON_TYPE = { 'content-type': 'application/json' };",
    replace: "const JSON_TYPE = { 'content-type': 'text/plain' };",
  },
  {
    name: 'fake: bodies are not validated',
    file: fake('parse-request'),
    find: 'const input = validated(validate, isEmptyValue ?',
    replace: 'const input = (<V>(_: unknown, v: V) => v as T)(validate, isEmptyValue ?',
  },
  {
    name: 'fake: queries are not validated',
    file: fake('parse-request'),
    find: 'return validated(valid.ListQuery, input);',
    replace: 'return { page: 0, pageSize: 250, ...input };',
  },
  {
    name: 'fake: any content type is accepted',
    file: fake('body'),
    find: 'if (!/^application\\/json *(;|$)/i.test(type))',
    replace: 'if (false as boolean)',
  },

  // The contract itself; generated/ is regenerated from it
  {
    name: 'contract: a secret has its value',
    file: SPEC,
    find: '        name:\n          type: string\n          description: A label for people. May be missing.',
    replace:
      '        secret: { type: string, description: The value. }\n        name:\n          type: string\n          description: A label for people. May be missing.',
  },
  { name: 'contract: the id is optional', file: SPEC, find: 'required: [id, tag]', replace: 'required: [tag]' },
  {
    name: 'contract: the name is required in responses',
    file: SPEC,
    find: 'required: [id, tag]',
    replace: 'required: [id, tag, name]',
  },
  {
    name: 'contract: the total is optional',
    file: SPEC,
    find: 'required: [page, secrets, total, totalPages]',
    replace: 'required: [page, secrets, totalPages]',
  },
  {
    name: 'contract: a create needs no value',
    file: SPEC,
    find: 'required: [name, secret, tag]',
    replace: 'required: [name, tag]',
  },
  {
    name: 'contract: any tag may be created',
    file: SPEC,
    find: '          pattern: ^[A-Za-z0-9_-]+$\n',
    replace: '',
  },
  {
    name: 'contract: a tag has no underscores',
    file: SPEC,
    find: '          pattern: ^[A-Za-z0-9_-]+$\n',
    replace: '          pattern: ^[A-Za-z0-9-]+$\n',
  },
  {
    name: 'contract: a create may have any field',
    file: SPEC,
    find: '      required: [name, secret, tag]\n      additionalProperties: false\n',
    replace: '      required: [name, secret, tag]\n',
  },
  {
    name: 'contract: a created value may be empty',
    file: SPEC,
    find: '          minLength: 1\n          description: |\n            The value.',
    replace: '          description: |\n            The value.',
  },
  {
    name: 'contract: an updated value may be empty',
    file: SPEC,
    find: '          minLength: 1\n          description: The new value.',
    replace: '          description: The new value.',
  },
  { name: 'contract: an update may change nothing', file: SPEC, find: '      minProperties: 1\n', replace: '' },
  {
    name: 'contract: pages of 10,000',
    file: SPEC,
    find: 'maximum: 1000, default: 250',
    replace: 'maximum: 10000, default: 250',
  },
  { name: 'contract: pages of 0', file: SPEC, find: 'minimum: 1, maximum', replace: 'minimum: 0, maximum' },
  { name: 'contract: another default', file: SPEC, find: 'default: 250', replace: 'default: 100' },
  {
    name: 'contract: the page is required',
    file: SPEC,
    find: '        - name: page\n          in: query\n',
    replace: '        - name: page\n          in: query\n          required: true\n',
  },
  { name: 'contract: another path', file: SPEC, find: '  /api/v1/secrets:\n', replace: '  /api/v1/secret:\n' },
  {
    name: 'contract: a create responds with 201',
    file: SPEC,
    find: '        "200":\n          description: Created.',
    replace: '        "201":\n          description: Created.',
  },
  {
    name: 'contract: no key is needed',
    file: SPEC,
    find: 'security:\n  - bearerAuth: []\n',
    replace: 'security:\n  - {}\n',
  },
  {
    name: 'contract: the key is sent in another header',
    file: SPEC,
    find: '      type: http\n      scheme: bearer\n',
    replace: '      type: apiKey\n      in: header\n      name: X-Api-Key\n',
  },
  {
    name: 'contract: Retry-After is optional',
    file: SPEC,
    find: '          required: true\n          schema: { type: integer, format: int32, minimum: 0 }',
    replace: '          schema: { type: integer, format: int32, minimum: 0 }',
  },
  {
    name: 'contract: the total is a string',
    file: SPEC,
    find: '        total:\n          type: integer\n          format: int32\n',
    replace: '        total:\n          type: string\n',
  },
  {
    name: 'contract: the list of error types is closed',
    file: SPEC,
    find: '          x-extensible-enum:\n',
    replace: '          enum:\n',
  },
  {
    name: 'contract: an error type is misspelt',
    file: SPEC,
    find: '            - INTEGRATION_UNEXPECTED_ERROR\n',
    replace: '',
  },
  {
    name: 'contract: an operation under another name',
    file: SPEC,
    find: 'operationId: deleteSecret\n      tags',
    replace: 'operationId: removeSecret\n      tags',
  },
  {
    name: 'contract: another server',
    file: SPEC,
    find: '  - url: https://api.getcortexapp.com\n',
    replace: '  - url: https://api.cortex.io\n',
  },
];
