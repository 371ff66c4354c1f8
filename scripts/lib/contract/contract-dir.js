import { fileURLToPath } from 'node:url';

/** The folder of the generated files. */
export const generatedDir = fileURLToPath(new URL('../../../generated/', import.meta.url));
