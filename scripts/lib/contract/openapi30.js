// Converts the contract from OpenAPI 3.1 to 3.0.3, for tools that only support 3.0.

/** Keywords of JSON Schema 2020-12 that 3.0 lacks, and for which there is no conversion here. */
const UNSUPPORTED = [
  ...['const', 'if', 'then', 'else', 'contains', 'prefixItems', 'propertyNames', 'patternProperties'],
  ...['unevaluatedProperties', 'unevaluatedItems', 'dependentRequired', 'dependentSchemas', '$defs', '$schema', '$id'],
  ...['contentEncoding', 'contentMediaType', 'minContains', 'maxContains'],
];

/** Addresses of licenses that the contract names by an SPDX identifier, which 3.0 lacks. */
const LICENSES = { MIT: 'https://opensource.org/license/mit' };

/**
 * Gives a copy of the document in OpenAPI 3.0.3.
 *
 * @param {any} document an OpenAPI 3.1 document
 * @throws Error if the document uses something that has no conversion
 */
export function toOpenApi30(document) {
  const { openapi: _, info, jsonSchemaDialect, webhooks, ...rest } = structuredClone(document);
  if (jsonSchemaDialect || webhooks) throw new Error('OpenAPI 3.0 has no jsonSchemaDialect and no webhooks');
  // 3.0 has no summary; the description says the same.
  const { summary: __, license, ...about } = info;
  const url = license.url ?? LICENSES[license.identifier];
  if (!url) throw new Error(`No address known for the license ${license.identifier}`);
  for (const holder of schemaHolders(rest)) {
    for (const [key, schema] of Object.entries(holder)) holder[key] = toSchema30(schema);
  }
  return { openapi: '3.0.3', info: { ...about, license: { name: license.name, url } }, ...rest };
}

/** Finds the objects whose values are schemas: `components.schemas`, and every `{ schema }`. */
function* schemaHolders(/** @type {any} */ node, key = '') {
  if (typeof node !== 'object' || node === null || ['example', 'examples', 'value'].includes(key)) return;
  if (key === 'schemas') return yield node;
  for (const [name, child] of Object.entries(node)) {
    if (name !== 'schema') yield* schemaHolders(child, name);
    else {
      const holder = { schema: child };
      yield holder;
      node.schema = holder.schema;
    }
  }
}

/** @returns {any} the schema in the dialect of OpenAPI 3.0 */
function toSchema30(/** @type {any} */ schema) {
  if (schema.$ref) {
    if (Object.keys(schema).length > 1) throw new Error(`OpenAPI 3.0 ignores what stands beside ${schema.$ref}`);
    return schema;
  }
  const unknown = UNSUPPORTED.find((keyword) => keyword in schema);
  if (unknown) throw new Error(`OpenAPI 3.0 has no ${unknown}`);
  const { examples, type, properties, items, ...rest } = schema;
  if (typeof rest.exclusiveMinimum === 'number' || typeof rest.exclusiveMaximum === 'number')
    throw new Error('Exclusive bounds are booleans in OpenAPI 3.0');
  const [single, ...more] = [type].flat().filter((one) => one !== 'null');
  if (more.length > 0) throw new Error('A schema has one type in OpenAPI 3.0');
  const sub = (/** @type {any} */ list) => list.map(toSchema30);
  return {
    ...(single && { type: single }),
    ...(Array.isArray(type) && type.includes('null') && { nullable: true }),
    ...rest,
    ...(properties && {
      properties: Object.fromEntries(Object.entries(properties).map(([name, one]) => [name, toSchema30(one)])),
    }),
    ...(items && { items: toSchema30(items) }),
    ...(typeof rest.additionalProperties === 'object' && {
      additionalProperties: toSchema30(rest.additionalProperties),
    }),
    ...Object.fromEntries(['allOf', 'anyOf', 'oneOf'].filter((key) => rest[key]).map((key) => [key, sub(rest[key])])),
    ...(rest.not && { not: toSchema30(rest.not) }),
    // One example in 3.0.
    ...(examples && { example: examples[0] }),
  };
}
