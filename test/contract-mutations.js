// Faults of the contract, and of the in-memory Cortex, that the checks of the contract must see: what
// `npm run mutations:contract` seeds. `find` stands once in its file.

const SPEC = 'spec/openapi.yaml';
const fake = (name) => `src/testing/${name}.ts`;

/** @type {{ name: string, file: string, find: string, replace: string }[]} */
export const contractMutations = [
  // The in-memory Cortex
  {
    name: 'fake: a delete does nothing',
    file: fake('store'),
    find: 'this.#byTag.delete(tag);\n    this.#byId.delete(id);\n    this.#sorted.splice(this.#placeOf(tag), 1);',
    replace: 'void [id, tag];',
  },
  {
    name: 'fake: a deleted secret stays in the list',
    file: fake('store'),
    find: 'this.#sorted.splice(this.#placeOf(tag), 1);',
    replace: '',
  },
  {
    name: 'fake: a deleted secret is found by its id',
    file: fake('store'),
    find: 'this.#byId.delete(id);',
    replace: 'void id;',
  },
  {
    name: 'fake: an update forgets the name',
    file: fake('store'),
    find: 'if (name !== undefined) kept.shown.name = name;',
    replace: '',
  },
  {
    name: 'fake: an update forgets the value',
    file: fake('store'),
    find: 'if (secret !== undefined) kept.value = secret;',
    replace: '',
  },
  {
    name: 'fake: an update without a name takes the name away',
    file: fake('store'),
    find: 'if (name !== undefined) kept.shown.name = name;',
    replace: 'if (name === undefined) delete kept.shown.name;\n    else kept.shown.name = name;',
  },
  {
    name: 'fake: a value is answered',
    file: fake('store'),
    find: 'const shown = { id, tag,',
    replace: 'const shown = { id, tag, ...{ secret },',
  },
  {
    name: 'fake: a missing name is null',
    file: fake('store'),
    find: '...(name !== undefined && { name }) };',
    replace: 'name: (name ?? null) as string };',
  },
  { name: 'fake: nobody is found by id', file: fake('store'), find: ' ?? this.#byId.get(tagOrId)', replace: '' },
  { name: 'fake: ids have 17 characters', file: fake('store'), find: '.slice(-16)}`', replace: '.slice(-15)}`' },
  {
    name: 'fake: the list has no order',
    file: fake('store'),
    find: 'this.#sorted.splice(this.#placeOf(kept.shown.tag), 0, kept);',
    replace: 'this.#sorted.push(kept);',
  },
  {
    name: 'fake: pages count from 1',
    file: fake('store'),
    find: 'const begin = page * pageSize - shift;',
    replace: 'const begin = (page - 1) * pageSize - shift;',
  },
  {
    name: 'fake: the last page is not counted',
    file: fake('store'),
    find: 'Math.ceil(total / pageSize)',
    replace: 'Math.floor(total / pageSize)',
  },
  {
    name: 'fake: total is that of the page',
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
    name: 'fake: a clash overwrites',
    file: fake('cortex'),
    find: "if (store.has(read.given.tag)) return refuse(409, 'A secret with this tag exists already');",
    replace: 'if (store.has(read.given.tag)) return found(store.update(read.given.tag, read.given));',
  },
  {
    name: 'fake: an update of nobody creates',
    file: fake('cortex'),
    find: 'return found(store.update(read.tagOrId, read.given));',
    replace:
      "return found(store.update(read.tagOrId, read.given) ?? store.create({ tag: read.tagOrId, secret: '', ...read.given }));",
  },
  {
    name: 'fake: a create is 201',
    file: fake('cortex'),
    find: 'return json(200, store.create(read.given));',
    replace: 'return json(201, store.create(read.given));',
  },
  {
    name: 'fake: a delete is answered with a body',
    file: fake('cortex'),
    find: 'store.delete(read.tagOrId) ? empty(200)',
    replace: 'store.delete(read.tagOrId) ? json(200, "{}")',
  },
  {
    name: 'fake: a delete of nobody succeeds',
    file: fake('cortex'),
    find: 'return store.delete(read.tagOrId) ? empty(200) : found();',
    replace: 'store.delete(read.tagOrId);\n        return empty(200);',
  },
  {
    name: 'fake: any key is let in',
    file: fake('cortex'),
    find: 'if (key === keys.apiKey) return undefined;',
    replace: 'if (key !== undefined && key !== keys.apiKeyWithoutPermission) return undefined;',
  },
  {
    name: 'fake: no key is needed',
    file: fake('cortex'),
    find: 'if (key === undefined) return refuse(401,',
    replace: 'if (key === undefined) return undefined;\n    if (key === "") return refuse(401,',
  },
  { name: 'fake: no permission is 401', file: fake('cortex'), find: 'refuse(403,', replace: 'refuse(401,' },
  {
    name: 'fake: a 429 without Retry-After',
    file: fake('cortex'),
    find: "problem(429, 'Too many requests', requestId(), headers)",
    replace: "problem(429, 'Too many requests', requestId())",
  },
  {
    name: 'fake: Retry-After in milliseconds',
    file: fake('limiter'),
    find: 'Math.ceil((end - at) / 1000)',
    replace: 'end - at',
  },
  {
    name: 'fake: a request too many before the limit',
    file: fake('limiter'),
    find: 'left-- > 0',
    replace: 'left-- >= 0',
  },
  {
    name: 'fake: an error without its type',
    file: fake('replies'),
    find: '{ message, type, httpStatus',
    replace: '{ message, httpStatus',
  },
  {
    name: 'fake: a header that nobody declared',
    file: fake('replies'),
    find: "const JSON_TYPE = { 'content-type': 'application/json' };",
    replace: "const JSON_TYPE = { 'content-type': 'application/json', 'x-debug': 'yes' };",
  },
  {
    name: 'fake: JSON that is called text',
    file: fake('replies'),
    find: "const JSON_TYPE = { 'content-type': 'application/json' };",
    replace: "const JSON_TYPE = { 'content-type': 'text/plain' };",
  },
  {
    name: 'fake: bodies are not checked',
    file: fake('requests'),
    find: '  return checked(validate, value);\n}\n\n/** No message',
    replace: '  return value as T;\n}\n\n/** No message',
  },
  {
    name: 'fake: queries are not checked',
    file: fake('requests'),
    find: 'return checked(valid.ListQuery, given);',
    replace: 'return { page: 0, pageSize: 250, ...given };',
  },
  {
    name: 'fake: a body of any type is taken',
    file: fake('requests'),
    find: "if (!/^application\\/json *(;|$)/i.test(asked.header('content-type') ?? ''))",
    replace: 'if (false as boolean)',
  },

  // The contract itself; generated/ is made anew from it
  {
    name: 'contract: a secret answers its value',
    file: SPEC,
    find: '        name:\n          type: string\n          description: A label for people. May be missing.',
    replace:
      '        secret: { type: string, description: The value. }\n        name:\n          type: string\n          description: A label for people. May be missing.',
  },
  { name: 'contract: a secret needs no id', file: SPEC, find: 'required: [id, tag]', replace: 'required: [tag]' },
  {
    name: 'contract: a secret must have a name',
    file: SPEC,
    find: 'required: [id, tag]',
    replace: 'required: [id, tag, name]',
  },
  {
    name: 'contract: a page needs no total',
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
    name: 'contract: the page must be given',
    file: SPEC,
    find: '        - name: page\n          in: query\n',
    replace: '        - name: page\n          in: query\n          required: true\n',
  },
  { name: 'contract: another path', file: SPEC, find: '  /api/v1/secrets:\n', replace: '  /api/v1/secret:\n' },
  {
    name: 'contract: a create is 201',
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
    name: 'contract: the key goes elsewhere',
    file: SPEC,
    find: '      type: http\n      scheme: bearer\n',
    replace: '      type: apiKey\n      in: header\n      name: X-Api-Key\n',
  },
  {
    name: 'contract: Retry-After may be missing',
    file: SPEC,
    find: '          required: true\n          schema: { type: integer, format: int32, minimum: 0 }',
    replace: '          schema: { type: integer, format: int32, minimum: 0 }',
  },
  {
    name: 'contract: a total in words',
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
