/**
 * What GitHub's own parser says of a workflow or an action. Its package imports JSON without the attribute that Node wants:
 * bundled it runs.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

interface Parsed {
  readonly value: unknown;
  readonly context: { readonly errors: { getErrors(): { message: string }[] } };
}
interface Parser {
  parseWorkflow(file: { name: string; content: string }, trace: unknown): Parsed;
  convertWorkflowTemplate(context: unknown, value: unknown): Promise<unknown>;
  parseAction(file: { name: string; content: string }, trace: unknown): Parsed;
  convertActionTemplate(context: unknown, value: unknown): unknown;
  NoOperationTraceWriter: new () => unknown;
}

const ENTRY = `export * from '@actions/workflow-parser'; export * from '@actions/workflow-parser/actions/index';`;

async function load(): Promise<Parser> {
  const resolveDir = fileURLToPath(new URL('.', import.meta.url));
  const { outputFiles } = await build({
    stdin: { contents: ENTRY, resolveDir },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    logLevel: 'error',
  });
  const folder = await mkdtemp(join(tmpdir(), 'cortex-secrets-parser-'));
  try {
    const path = join(folder, 'parser.mjs');
    await writeFile(path, outputFiles[0]?.text ?? '');
    return await import(/* @vite-ignore */ pathToFileURL(path).href);
  } finally {
    await rm(folder, { recursive: true });
  }
}

let parser: Promise<Parser> | undefined;

/** The messages about a file, none if it is right. */
export async function problemsOfGithubFile(kind: 'workflow' | 'action', content: string): Promise<string[]> {
  parser ??= load();
  const { NoOperationTraceWriter, ...parse } = await parser;
  const file = { name: `${kind}.yml`, content };
  const { context, value } = parse[kind === 'action' ? 'parseAction' : 'parseWorkflow'](
    file,
    new NoOperationTraceWriter(),
  );
  if (context.errors.getErrors().length === 0)
    await parse[kind === 'action' ? 'convertActionTemplate' : 'convertWorkflowTemplate'](context, value);
  return context.errors.getErrors().map(({ message }) => message);
}
