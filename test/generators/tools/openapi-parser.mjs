// @readme/openapi-parser accepts both documents, without a warning.
import { compileErrors, validate } from '@readme/openapi-parser';

const [folder] = process.argv.slice(2);
for (const name of ['openapi.json', 'openapi-3.0.json']) {
  const result = await validate(`${folder}/${name}`);
  if (!result.valid || result.warnings.length > 0) throw new Error(`${name}: ${compileErrors(result)}`);
}
