// Compares the contract with the OpenAPI description in the vendor's own documentation.

/** Differences that the contract intends, by the line of `factsOf` that only one side has. */
const INTENDED = [
  {
    only: 'contract',
    line: /response (401|403|default)$/,
    reason: 'not in the reference (observed, or an assumption)',
  },
  { only: 'contract', line: /^GET .*\{tagOrId\}: response 400$/, reason: 'not in the reference (assumption)' },
  { only: 'contract', line: /^POST .*: response 409$/, reason: 'not in the reference (assumption)' },
  { only: 'vendor', line: /^GET \S+: query page(Size)? is required$/, reason: 'optional, since it has a default' },
];

/**
 * Finds the OpenAPI documents in a Markdown page: blocks of JSON, one for each operation. Accepts plain JSON, too.
 *
 * @param {string} text
 * @returns {any[]}
 */
export function openApiIn(text) {
  const blocks = text.trimStart().startsWith('{')
    ? [text]
    : [...text.matchAll(/^```json\s*\n([\s\S]*?)^```/gm)].map(([, one]) => String(one));
  return blocks.flatMap((block) => {
    try {
      const document = JSON.parse(block);
      return document.openapi && document.paths ? [document] : [];
    } catch {
      return [];
    }
  });
}

/**
 * The facts of a document, as lines: operations, parameters, statuses, fields, required fields and error types.
 *
 * @param {any} document
 * @returns {Set<string>}
 */
export function factsOf(document) {
  const resolve = (/** @type {any} */ node) =>
    node?.$ref
      ? resolve(
          node.$ref
            .slice(2)
            .split('/')
            .reduce((/** @type {any} */ at, /** @type {string} */ key) => at?.[key], document),
        )
      : node;
  const facts = new Set();

  const addFields = (/** @type {string} */ where, /** @type {any} */ reference) => {
    const schema = resolve(reference);
    if (schema?.items) return addFields(`${where}[]`, schema.items);
    for (const [name, property] of Object.entries(schema?.properties ?? {})) {
      const field = resolve(property);
      facts.add(`${where}.${name}: ${field.type}`);
      if (schema.required?.includes(name)) facts.add(`${where}.${name} is required`);
      const types = field.enum ?? field['x-extensible-enum'] ?? [];
      for (const type of types) facts.add(`error type ${type}`);
      addFields(`${where}.${name}`, field);
    }
  };
  const bodyOf = (/** @type {any} */ holder) =>
    /** @type {any} */ (Object.values(resolve(holder)?.content ?? {})[0])?.schema;

  for (const [path, item] of Object.entries(document.paths)) {
    for (const method of ['get', 'post', 'put', 'patch', 'delete']) {
      const operation = item[method];
      if (!operation) continue;
      const name = `${method.toUpperCase()} ${path}`;
      facts.add(name);
      for (const one of [...(item.parameters ?? []), ...(operation.parameters ?? [])].map(resolve)) {
        facts.add(`${name}: ${one.in} ${one.name}: ${resolve(one.schema).type}`);
        if (one.required) facts.add(`${name}: ${one.in} ${one.name} is required`);
      }
      addFields(`${name}: request`, bodyOf(operation.requestBody));
      for (const [status, response] of Object.entries(operation.responses)) {
        facts.add(`${name}: response ${status}`);
        // Error bodies are the same everywhere, so their fields are compared once.
        addFields(Number(status) < 300 ? `${name}: response ${status}` : 'error', bodyOf(response));
      }
    }
  }
  return facts;
}

/**
 * Compares the contract with the vendor's documents.
 *
 * @param {any} contract
 * @param {any[]} vendor
 * @returns {{ drift: string[], intended: string[] }} unexpected differences; the intended ones with their reasons
 */
export function compareWithVendor(contract, vendor) {
  const ours = factsOf(contract);
  const theirs = new Set(vendor.flatMap((document) => [...factsOf(document)]));
  const differences = [
    ...[...ours].filter((line) => !theirs.has(line)).map((line) => ({ only: 'contract', line })),
    ...[...theirs].filter((line) => !ours.has(line)).map((line) => ({ only: 'vendor', line })),
  ];
  const drift = [];
  const intended = [];
  const used = new Set();
  for (const { only, line } of differences) {
    const rule = INTENDED.find((one) => one.only === only && one.line.test(line));
    if (rule) used.add(rule);
    if (rule) intended.push(`only in the ${only}: ${line} (${rule.reason})`);
    else drift.push(`only in the ${only}: ${line}`);
  }
  for (const rule of INTENDED) {
    if (!used.has(rule)) drift.push(`no longer a difference: ${rule.line.source} (${rule.reason})`);
  }
  return { drift, intended };
}
