// Lint rules that Redocly lacks: the default of a schema and the example of a header must match the schema, and no
// response may contain the value of a secret.
import { Ajv2020 } from 'ajv/dist/2020.js';

const ajv = new Ajv2020({ strict: false, logger: false });

/** Reports `value` if it does not match `schema` (which must not contain a $ref). */
function check(schema, value, name, { report, location }) {
  const validate = ajv.compile(schema);
  if (validate(value)) return;
  report({
    message: `${name}: ${ajv.errorsText(validate.errors, { dataVar: JSON.stringify(value) })}.`,
    location: location.child(name),
  });
}

const ValidDefaults = () => ({
  Schema(schema, ctx) {
    if (schema.default !== undefined) check(schema, schema.default, 'default', ctx);
  },
});

const ValidHeaderExamples = () => ({
  Header(header, ctx) {
    if (header.example !== undefined && header.schema) check(header.schema, header.example, 'example', ctx);
  },
});

const NoValueInResponses = () => ({
  Response: {
    Schema(schema, { report, location }) {
      if (schema.properties?.secret === undefined) return;
      report({ message: 'A response must not contain the value of a secret.', location: location.child('properties') });
    },
  },
});

export default function contractRules() {
  return {
    id: 'contract',
    rules: {
      oas3: {
        'valid-defaults': ValidDefaults,
        'valid-header-examples': ValidHeaderExamples,
        'no-value-in-responses': NoValueInResponses,
      },
    },
  };
}
