// npm run mock -- [--port 4010] [--host 127.0.0.1]   starts a stateless mock of the contract (Prism) for manual use
import { parseArgs } from 'node:util';
import { startPrism } from './lib/prism.js';

const usage = 'npm run mock -- [--port 4010] [--host 127.0.0.1]   (port 0 chooses a free port)';

function options() {
  try {
    const { values } = parseArgs({ options: { port: { type: 'string' }, host: { type: 'string' } } });
    const { port = '4010', host = '127.0.0.1' } = values;
    if (!/^\d{1,5}$/.test(port) || Number(port) > 65535) throw new Error('--port: must be an integer from 0 to 65535');
    return { port: Number(port), host };
  } catch (error) {
    console.error(`${/** @type {Error} */ (error).message}\n${usage}`);
    process.exit(2);
  }
}

try {
  const { port, host } = options();
  const mock = await startPrism({ port, host });
  console.log(`Prism, a mock of the contract, listening on ${mock.url}. It is stateless: it returns the examples of the contract.

  curl ${mock.url}/api/v1/secrets --header 'Authorization: Bearer any-key'

Choose a response by status and example name: --header 'Prefer: code=404, example=notFound'
Stop it with Ctrl+C.`);
  const stop = () => mock.close().finally(() => process.exit(0));
  process.on('SIGINT', stop).on('SIGTERM', stop);
} catch (error) {
  console.error(`Failed to start the mock: ${/** @type {Error} */ (error)?.message ?? error}. Try --port 0.`);
  process.exitCode = 1;
}
