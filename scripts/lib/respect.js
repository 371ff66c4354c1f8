// Runs the workflow of spec/lifecycle.arazzo.yaml against a server and lists the differences from the contract.
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { redoclyWith } from './redocly.js';

const spec = fileURLToPath(new URL('../../spec/', import.meta.url));
const workflow = join(spec, 'lifecycle.arazzo.yaml');

/**
 * @typedef {{ step: string, description: string, request: string, status: number | undefined, differs: string[] }} Step
 * @typedef {{ apiKey: string, tag: string, value: string, rotated: string }} Inputs
 * @typedef {{ passed: boolean, steps: Step[], notRun: string[] }} Verification contains neither the key nor a value
 *
 * @param {Inputs & { server: string, file?: string }} options
 * @returns {Promise<Verification>}
 */
export async function respect({ server, file = workflow, ...inputs }) {
  const { code, verifications } = await run([file], inputs, '--server', `cortex=${server}`);
  const verification = /** @type {Verification} */ (verifications[0]);
  return { ...verification, passed: verification.passed && code === 0 };
}

/**
 * Runs the workflow against several servers in one process, since Redocly takes longer to start than to run.
 *
 * @param {string[]} servers
 * @param {Inputs} inputs
 * @returns {Promise<Verification[]>} in the order of the servers
 */
export async function respectEach(servers, inputs) {
  const folder = await mkdtemp(join(tmpdir(), 'cortex-secrets-servers-'));
  try {
    const files = await Promise.all(
      servers.map(async (server, i) => {
        // Redocly takes the server's address as an option for all files, or from each contract.
        const copy = join(folder, String(i));
        await cp(spec, copy, { recursive: true });
        const contract = join(copy, 'openapi.yaml');
        const text = await readFile(contract, 'utf8');
        const here = text.replace(/^(servers:\n {2}- url: ).*$/m, (_, before) => before + server);
        if (here === text) throw new Error('The contract has no server to replace.');
        await writeFile(contract, here);
        return join(copy, 'lifecycle.arazzo.yaml');
      }),
    );
    return (await run(files, inputs)).verifications;
  } finally {
    await rm(folder, { recursive: true });
  }
}

/**
 * @param {string[]} files
 * @param {Inputs} inputs
 * @param {string[]} options of Redocly
 */
async function run(files, inputs, ...options) {
  const folder = await mkdtemp(join(tmpdir(), 'cortex-secrets-respect-'));
  const out = join(folder, 'result.json');
  try {
    // In the environment, since other programs can read arguments.
    const variables = { REDOCLY_CLI_RESPECT_INPUT: JSON.stringify(inputs) };
    const args = ['respect', ...files, ...options, '--json-output', out];
    const { code, stdout, stderr } = await redoclyWith(variables, ...args);
    const sensitive = [inputs.apiKey, inputs.value, inputs.rotated];
    const masked = (/** @type {string} */ text) =>
      sensitive.reduce((at, value) => at.replaceAll(value, '********'), text);
    const text = await readFile(out, 'utf8').catch(() => undefined);
    if (text === undefined) throw new Error(masked(`redocly respect wrote no result:\n${stdout}${stderr}`));
    const results = Object.values(JSON.parse(masked(text)).files);
    const verifications = await Promise.all(
      files.map(async (file, i) => verificationOf(results[i], parse(await readFile(file, 'utf8')).workflows[0].steps)),
    );
    return { code, verifications };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** @returns {Verification} */
function verificationOf({ executedWorkflows }, described) {
  const steps = executedWorkflows.flatMap(({ executedSteps }) => executedSteps).map(toStep(described));
  const done = new Set(steps.map(({ step }) => step));
  return {
    passed:
      executedWorkflows.every(({ status }) => status === 'success') &&
      steps.every(({ differs }) => differs.length === 0),
    steps,
    notRun: described.map(({ stepId }) => stepId).filter((/** @type {string} */ step) => !done.has(step)),
  };
}

/** @returns {(executed: any) => Step} */
function toStep(described) {
  return ({ stepId, request, response, checks }) => ({
    step: stepId,
    description: described.find((/** @type {any} */ one) => one.stepId === stepId)?.description ?? '',
    request: `${String(request?.method).toUpperCase()} ${request?.url}`,
    status: response?.statusCode,
    differs: checks
      .filter(({ passed }) => !passed)
      .map(({ condition, message, name }) => (condition ? `false: ${condition}` : plain(message ?? name))),
  });
}

/** Removes colours, frames and empty lines. */
const plain = (/** @type {string} */ text) =>
  text
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are control characters
    .replace(/\x1b\[\d*m/g, '')
    .split('\n')
    .filter((line) => line.trim() !== '' && !/^[\s|>^\d]*\^/.test(line))
    .join('\n');
