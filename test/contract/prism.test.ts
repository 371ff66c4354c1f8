/** Prism, a mock by the contract, passes the contract suite. */
import { startPrism } from '../../scripts/lib/contract/prism.js';
import { contractSuite } from './suite.js';

contractSuite(async () => ({
  ...(await startPrism()),
  // `default` covers any other status; the example names one.
  arrange: ({ value, example }, code) => ({
    headers: { prefer: `code=${code}${value ? `, example=${example}` : ''}` },
  }),
  settle() {},
  exact: true,
}));
