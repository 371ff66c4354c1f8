/** Runs an Arazzo workflow against a server by `redocly respect`, and lists what differs from the contract. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
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

export interface VerifyTarget {
  /** The path of Redocly's program, see {@link findRedocly}. */
  readonly redocly: string;
  /** The path of the workflow, spec/lifecycle.arazzo.yaml. */
  readonly workflow: string;
  readonly server: string;
}

export interface VerifyInputs {
  apiKey: string;
  tag: string;
  value: string;
  rotated: string;
}

/** The program of the user's project, or of the folder that this package is installed in. */
export function findRedocly(): string {
  for (const from of [join(process.cwd(), 'package.json'), fileURLToPath(import.meta.url)]) {
    try {
      return createRequire(from).resolve('@redocly/cli/bin/cli.js');
    } catch {
      // Not installed there.
    }
  }
  throw new Error('@redocly/cli is not installed');
}

/** Nothing that it returns or throws contains the key or a value. */
export async function respect(
  { redocly, workflow, server }: VerifyTarget,
  inputs: VerifyInputs,
): Promise<Verification> {
  const folder = await mkdtemp(join(tmpdir(), 'cortex-secrets-verify-'));
  const out = join(folder, 'result.json');
  const masked = (text: string) =>
    [inputs.apiKey, inputs.value, inputs.rotated]
      .flatMap((value) => [value, JSON.stringify(value).slice(1, -1)])
      .reduce((masking, value) => masking.replaceAll(value, '********'), text);
  try {
    const args = ['respect', workflow, '--server', `cortex=${server}`, '--json-output', out];
    const { code, output } = await run(redocly, args, inputs);
    const text = await readFile(out, 'utf8').catch(() => undefined);
    if (text === undefined) throw new Error(`redocly respect gave no result: ${masked(output)}`);
    const described: DescribedStep[] = parse(await readFile(workflow, 'utf8')).workflows[0].steps;
    const [{ executedWorkflows }] = Object.values(JSON.parse(masked(text)).files) as [
      { executedWorkflows: Executed[] },
    ];
    const steps = executedWorkflows
      .flatMap(({ executedSteps }) => executedSteps)
      .map((step) => verified(step, described));
    const done = new Set(steps.map(({ step }) => step));
    return {
      passed: code === 0 && steps.every(({ differences }) => differences.length === 0),
      steps,
      notRun: described
        .filter(({ stepId }) => !done.has(stepId))
        .map(({ stepId, description }) => ({ step: stepId, description })),
    };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** The inputs go by the environment, since every program on the machine can read the arguments. */
function run(redocly: string, args: string[], inputs: VerifyInputs): Promise<{ code: number; output: string }> {
  const variables = { REDOCLY_CLI_RESPECT_INPUT: JSON.stringify(inputs) };
  const env = { ...process.env, ...NO_CALLS_HOME, ...variables };
  return new Promise((resolve) => {
    execFile(process.execPath, [redocly, ...args], { env, maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code ?? 1) : 0, output: stdout + stderr });
    });
  });
}

interface DescribedStep {
  stepId: string;
  description: string;
}

interface Executed {
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
