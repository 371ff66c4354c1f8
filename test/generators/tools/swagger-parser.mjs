// @apidevtools/swagger-parser accepts both documents.
import SwaggerParser from '@apidevtools/swagger-parser';

const [folder] = process.argv.slice(2);
for (const name of ['openapi.json', 'openapi-3.0.json']) await SwaggerParser.validate(`${folder}/${name}`);
