import { fileURLToPath } from 'node:url';

/** Where the contract is generated to. */
export const generatedDir = fileURLToPath(new URL('../../generated/', import.meta.url));
