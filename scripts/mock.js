// npm run mock -- [--port 4010] [--host 127.0.0.1]   a mock of the contract (Prism) for use by hand
import { parseArgs } from 'node:util';
import { startPrism } from './lib/prism.js';

const usage = 'npm run mock -- [--port 4010] [--host 127.0.0.1]   (port 0 takes any that is free)';

function options() {
  try {
    const { values } = parseArgs({ options: { port: { type: 'string' }, host: { type: 'string' } } });
    const { port = '4010', host = '127.0.0.1' } = values;
    if (!/^\d{1,5}$/.test(port) || Number(port) > 65535) throw new Error('--port takes a number from 0 to 65535');
    return { port: Number(port), host };
  } catch (error) {
    console.error(`${/** @type {Error} */ (error).message}\n${usage}`);
    process.exit(2);
  }
}

try {
  const { port, host } = options();
  const mock = await startPrism({ port, host });
  console.log(`A mock of the contract listens on ${mock.url}. It keeps nothing: it answers with the contract's examples.

  curl ${mock.url}/api/v1/secrets --header 'Authorization: Bearer any-key'

Ask for an answer by its status and its name: --header 'Prefer: code=404, example=notFound'
Stop it with Ctrl+C.`);
  const stop = () => mock.close().finally(() => process.exit(0));
  process.on('SIGINT', stop).on('SIGTERM', stop);
} catch (error) {
  console.error(`The mock could not start: ${/** @type {Error} */ (error)?.message ?? error}. Try --port 0.`);
  process.exitCode = 1;
}
