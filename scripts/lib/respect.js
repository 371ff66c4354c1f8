// Runs the workflow of spec/lifecycle.arazzo.yaml against a server and lists the differences from the contract.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { redoclyWith } from './redocly.js';

const workflow = fileURLToPath(new URL('../../spec/lifecycle.arazzo.yaml', import.meta.url));

/**
 * @typedef {{ step: string, description: string, request: string, status: number | undefined, differs: string[] }} Step
 *
 * @param {{ server: string, apiKey: string, tag: string, value: string, rotated: string, file?: string }} options
 * @returns {Promise<{ passed: boolean, steps: Step[], notRun: string[] }>} contains neither the key nor a value
 */
export async function respect({ server, file = workflow, ...inputs }) {
  const folder = await mkdtemp(join(tmpdir(), 'cortex-secrets-respect-'));
  const out = join(folder, 'result.json');
  try {
    // In the environment, since other programs can read arguments.
    const variables = { REDOCLY_CLI_RESPECT_INPUT: JSON.stringify(inputs) };
    const args = ['respect', file, '--server', `cortex=${server}`, '--json-output', out];
    const { code, stdout, stderr } = await redoclyWith(variables, ...args);
    const sensitive = [inputs.apiKey, inputs.value, inputs.rotated];
    const masked = (/** @type {string} */ text) =>
      sensitive.reduce((at, value) => at.replaceAll(value, '********'), text);
    const text = await readFile(out, 'utf8').catch(() => undefined);
    if (text === undefined) throw new Error(masked(`redocly respect wrote no result:\n${stdout}${stderr}`));
    const [{ executedWorkflows }] = Object.values(JSON.parse(masked(text)).files);
    const described = parse(await readFile(file, 'utf8')).workflows[0].steps;
    const steps = executedWorkflows.flatMap(({ executedSteps }) => executedSteps).map(toStep(described));
    const done = new Set(steps.map(({ step }) => step));
    return {
      passed: code === 0 && steps.every(({ differs }) => differs.length === 0),
      steps,
      notRun: described.map(({ stepId }) => stepId).filter((/** @type {string} */ step) => !done.has(step)),
    };
  } finally {
    await rm(folder, { recursive: true });
  }
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
