/** The results of `verify`: a row for each test, the failures, the assumptions, and JUnit XML. */
import { writeFile } from 'node:fs/promises';
import type { AssumptionResult, ContractTest, ContractTestError } from '../../contract-tests/index.js';
import type { Context } from '../context.js';
import { CliError } from '../exit.js';
import { writeRows } from '../output.js';
import { printable } from '../printable.js';

export interface TestResult extends Pick<ContractTest, 'id' | 'title' | 'operation' | 'rule' | 'source'> {
  /** `warning`: differs from an assumption, with --assumptions warn. */
  readonly result: 'passed' | 'failed' | 'warning' | 'not run';
  readonly failure?: ContractTestError | undefined;
}

export async function writeReport(
  { io, format }: Context,
  results: readonly TestResult[],
  assumptions: readonly AssumptionResult[],
): Promise<void> {
  if (format === 'json') {
    const tests = results.map(({ failure, ...test }) => ({ ...test, ...(failure && partsOf(failure)) }));
    await io.data(`${JSON.stringify({ tests, assumptions }, null, 2)}\n`);
  } else if (format === 'ndjson') {
    const rows = results.map(({ failure, ...test }) => ({
      ...test,
      ...(failure && { ...partsOf(failure), curl: failure.curl.join('\n') }),
    }));
    await writeRows(io, format, [], rows);
  } else {
    await writeRows(
      io,
      format,
      ['result', 'test', 'title'],
      results.map(({ result, id, title }) => ({ result, test: id, title })),
    );
  }
  for (const { id, title, source, result, failure } of results) {
    if (!failure) continue;
    const details = failure.message.split('\n').map((line) => `  ${printable(line)}`);
    if (result === 'failed') io.error(`${id}: ${title} (${source})`, details);
    else io.warn([`${id}: ${title} (${source})`, ...details].join('\n'));
  }
  if (assumptions.length === 0) return;
  io.note('\nThe assumptions of the contract, and what this server does:');
  for (const { assumption, holds, server } of assumptions)
    io.note(`  ${holds ? 'as assumed' : 'DIFFERS   '}  ${assumption}: ${printable(server)}`);
}

const partsOf = ({ expected, rule, sent, received, curl }: ContractTestError) => ({
  expected,
  rule,
  sent,
  received,
  curl,
});

/** @throws CliError if the file can't be written */
export async function writeJUnit(path: string, results: readonly TestResult[]): Promise<void> {
  const count = (result: TestResult['result']) => results.filter((one) => one.result === result).length;
  const cases = results.map(({ id, title, operation, result, failure }) => {
    const open = `    <testcase classname="cortex-secrets.${operation}" name="${xml(`${id}: ${title}`)}"`;
    if (result === 'not run') return `${open}><skipped/></testcase>`;
    if (!failure) return `${open}/>`;
    const text = xml(failure.message);
    return result === 'failed'
      ? `${open}><failure message="${xml(`expected ${failure.expected}`)}">${text}</failure></testcase>`
      : `${open}><system-out>${text}</system-out></testcase>`;
  });
  const counts = `tests="${results.length}" failures="${count('failed')}" skipped="${count('not run')}"`;
  const lines = ['<?xml version="1.0" encoding="UTF-8"?>', `<testsuites ${counts}>`];
  lines.push(`  <testsuite name="cortex-secrets verify" ${counts}>`, ...cases, '  </testsuite>', '</testsuites>', '');
  await writeFile(path, lines.join('\n')).catch((error: NodeJS.ErrnoException) => {
    throw new CliError(`--junit: cannot write the file (${error.code})`);
  });
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
/** XML 1.0 has no escape for most control characters. */
const xml = (text: string) =>
  text
    .split('\n')
    .map(printable)
    .join('\n')
    .replace(/[&<>"]/g, (char) => ENTITIES[char] as string);
