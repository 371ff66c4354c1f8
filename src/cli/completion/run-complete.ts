/** `cortex-secrets __complete`: prints what may follow, for the completion scripts. Silent on failure. */
import type { Command } from 'commander';
import { createContext, type GlobalOptions } from '../context.js';
import { sectionNames } from '../settings.js';
import { writeStdout } from '../stdout.js';
import { complete } from './complete.js';

/** A shell waits for it at each Tab. */
const MAX_WAIT_MS = 800;
/** What a shell would have to quote is left out. */
const PLAIN = /^[\w.-]+$/;

/** The first line is `files` or `words`, each other one a word, a tab and its description. */
export async function runComplete(program: Command, words: readonly string[]): Promise<void> {
  const completion = await complete(program, words, {
    tags,
    sections: () => attempt(sectionNames, []).filter((name) => PLAIN.test(name)),
    variables: () => Object.keys(process.env),
  });
  if (completion === 'files') return writeStdout('files\n');
  const lines = completion.map(({ word, description = '' }) => `${word}\t${description}\n`);
  await writeStdout(`words\n${lines.join('')}`);
}

async function tags({ baseUrl, tenant, allowInsecureConnection = false }: GlobalOptions): Promise<string[]> {
  const found: string[] = [];
  try {
    const options = { quiet: true, allowInsecureConnection, ...(baseUrl && { baseUrl }), ...(tenant && { tenant }) };
    const secrets = await createContext(options).client({ retry: false, deadlineMs: MAX_WAIT_MS });
    for await (const { tag } of secrets.listAll()) if (PLAIN.test(tag)) found.push(tag);
  } catch {
    // No key, no connection, or too slow: what has come is offered.
  }
  return found;
}

function attempt<T>(work: () => T, otherwise: T): T {
  try {
    return work();
  } catch {
    return otherwise;
  }
}
