/** Runs the Arazzo workflow against servers by `redocly respect`, and lists what differs from the contract. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

const NO_CALLS_HOME = { REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true', NO_COLOR: '1' };

export interface VerifiedStep {
  readonly step: string;
  readonly description: string;
  readonly request: string;
  /** Undefined without a response. */
  readonly status: number | undefined;
  /** What differs from the contract. */
  readonly differences: readonly string[];
}

export interface Verification {
  readonly passed: boolean;
  readonly steps: readonly VerifiedStep[];
  readonly notRun: readonly { step: string; description: string }[];
}

export interface VerifyInputs {
  apiKey: string;
  tag: string;
  value: string;
  rotated: string;
}

const REDOCLY = fileURLToPath(import.meta.resolve('@redocly/cli/bin/cli.js'));
const SPEC = fileURLToPath(new URL('../../spec/', import.meta.url));

/**
 * One process for all servers: most of its time is Redocly's start. Each server gets a copy of the workflow, and of a
 * contract that names the server. Nothing that it returns or throws contains the key or a value.
 */
export async function respect(servers: readonly string[], inputs: VerifyInputs): Promise<Verification[]> {
  const folder = await mkdtemp(join(tmpdir(), 'cortex-secrets-verify-'));
  const masked = (text: string) =>
    [inputs.apiKey, inputs.value, inputs.rotated].reduce(
      (masking, value) => masking.replaceAll(value, '********'),
      text,
    );
  try {
    const workflow = await readFile(join(SPEC, 'lifecycle.arazzo.yaml'), 'utf8');
    const contract = parse(await readFile(join(SPEC, 'openapi.yaml'), 'utf8'));
    const copies = servers.map((_, i) => join(String(i), 'lifecycle.arazzo.yaml'));
    for (const [i, url] of servers.entries()) {
      await mkdir(join(folder, String(i)));
      await writeFile(join(folder, copies[i] as string), workflow);
      await writeFile(join(folder, String(i), 'openapi.yaml'), JSON.stringify({ ...contract, servers: [{ url }] }));
    }
    const output = await run(['respect', ...copies, '--json-output', 'result.json'], folder, inputs);
    const text = await readFile(join(folder, 'result.json'), 'utf8').catch(() => undefined);
    if (text === undefined) throw new Error(`redocly respect gave no result: ${masked(output)}`);
    const described: DescribedStep[] = parse(workflow).workflows[0].steps;
    const files: Record<string, { executedWorkflows: Executed[] }> = JSON.parse(masked(text)).files;
    return copies.map((copy) => {
      const executed = Object.entries(files).find(([name]) => name.endsWith(copy))?.[1].executedWorkflows ?? [];
      const steps = executed.flatMap(({ executedSteps }) => executedSteps).map((step) => verified(step, described));
      const done = new Set(steps.map(({ step }) => step));
      return {
        passed: executed.length > 0 && executed.every(({ status }) => status === 'success'),
        steps,
        notRun: described
          .filter(({ stepId }) => !done.has(stepId))
          .map(({ stepId, description }) => ({ step: stepId, description })),
      };
    });
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** The inputs go by the environment, since every program on the machine can read the arguments. */
function run(args: string[], cwd: string, inputs: VerifyInputs): Promise<string> {
  const variables = { REDOCLY_CLI_RESPECT_INPUT: JSON.stringify(inputs) };
  const env = { ...process.env, ...NO_CALLS_HOME, ...variables };
  return new Promise((resolve) => {
    execFile(process.execPath, [REDOCLY, ...args], { cwd, env, maxBuffer: 2 ** 26 }, (_, stdout, stderr) =>
      resolve(stdout + stderr),
    );
  });
}

interface DescribedStep {
  stepId: string;
  description: string;
}

interface Executed {
  status: string;
  executedSteps: ExecutedStep[];
}

/** As `--json-output` writes it. */
interface ExecutedStep {
  stepId: string;
  request?: { method?: string; url?: string };
  response?: { statusCode?: number };
  checks: { passed: boolean; condition?: string; message?: string; name?: string }[];
}

function verified({ stepId, request, response, checks }: ExecutedStep, described: DescribedStep[]): VerifiedStep {
  return {
    step: stepId,
    description: described.find((step) => step.stepId === stepId)?.description ?? '',
    request: `${request?.method?.toUpperCase()} ${request?.url}`,
    status: response?.statusCode,
    differences: checks
      .filter(({ passed }) => !passed)
      .map(({ condition, message, name }) => (condition ? `not met: ${condition}` : plain(message ?? name ?? ''))),
  };
}

/** Without colours, frames and empty lines. */
const plain = (text: string) =>
  text
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are control characters
    .replace(/\x1b\[\d*m/g, '')
    .split('\n')
    .filter((line) => line.trim() !== '' && !/^[\s|>^\d]*\^/.test(line))
    .join('\n');
