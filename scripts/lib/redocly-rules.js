// Lint rules for what Redocly's own example rules don't look at: a schema's default, and a header's example.
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

export default function contractRules() {
  return {
    id: 'contract',
    rules: { oas3: { 'valid-defaults': ValidDefaults, 'valid-header-examples': ValidHeaderExamples } },
  };
}
