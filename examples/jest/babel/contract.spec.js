import { contractTests } from 'cortex-secrets/contract-tests';
import { createFakeCortex } from 'cortex-secrets/testing';

// A server that is a function. Without `fetch` the requests go to `baseUrl`.
const { baseUrl, apiKey, fetch } = createFakeCortex().clientOptions;

const suite = contractTests({ baseUrl, apiKey, fetch });
for (const { title, run } of suite.tests) test(title, run);
afterAll(() => suite.cleanUp());
