/** The contract as Prism understands it. */
import { startPrism } from '../../scripts/lib/prism.js';
import { contractSuite } from './suite.js';

contractSuite(async () => ({
  ...(await startPrism()),
  // `default` stands for any other status; the example says for which.
  arrange: ({ value, example }, code) => ({
    headers: { prefer: `code=${code}${value ? `, example=${example}` : ''}` },
  }),
  settle() {},
  exact: true,
}));
