// Starts `npx cortex-secrets mock` in a process of its own, with a control port that takes faults.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

// The output of `npm run build`.
const cli = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));

/**
 * @returns {Promise<{ server: { baseUrl: string, controlUrl: string, apiKey: string, apiKeyWithoutPermission: string },
 *   close: () => void }>}
 */
export async function startFaulty(...more) {
  const ports = ['--port', '0', '--control', '0'];
  const args = [cli, 'mock', ...ports, '--cors', '--json', '--api-key', 'canary-of-a-key', ...more];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [printed] = await once(child.stdout, 'data');
  return { server: JSON.parse(String(printed)), close: () => child.kill() };
}
