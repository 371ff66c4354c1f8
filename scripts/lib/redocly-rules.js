// Lint rules of our own: what Redocly's example rules don't look at (a schema's default, a header's example), and the first
// promise of the API, that a value never comes back.
import { Ajv2020 } from 'ajv/dist/2020.js';

const ajv = new Ajv2020({ strict: false, logger: false });

/** Reports `value` where `schema` (which must hold no $ref) refuses it. */
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

const NoValueInAnswers = () => ({
  Response: {
    Schema(schema, { report, location }) {
      if (schema.properties?.secret === undefined) return;
      report({ message: 'No answer holds the value of a secret.', location: location.child('properties') });
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
        'no-value-in-answers': NoValueInAnswers,
      },
    },
  };
}
