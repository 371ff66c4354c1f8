/** What may follow in a command line that is not complete. */
import type { Command, Option } from 'commander';
import type { GlobalOptions } from '../context.js';

/** `files` stands for the names of files, which the shell completes itself. */
export type Completion = 'files' | readonly Candidate[];

export interface Candidate {
  readonly word: string;
  readonly description?: string;
}

/** What only the surroundings of the command know. */
export interface Lookups {
  /** The tags of the workspace. */
  readonly tags: (options: GlobalOptions) => Promise<readonly string[]>;
  /** The sections of the configuration file. */
  readonly sections: () => readonly string[];
  readonly variables: () => readonly string[];
}

const FORMATS = ['table', 'json', 'ndjson', 'tsv'];
const SHELLS = ['bash', 'zsh', 'fish'];

/** What the value of an option may be; nothing is known of the others. */
const VALUES: Readonly<Record<string, readonly string[] | 'files' | 'variables' | 'sections'>> = {
  '--output': FORMATS,
  '--format': ['env', 'json', 'yaml'],
  '--on-existing': ['update', 'skip', 'fail'],
  '--window': ['fixed', 'sliding'],
  '--conflict': ['400', '409'],
  '--tenant': 'sections',
  '--value-env': 'variables',
  '--value-file': 'files',
  '--from': 'files',
  '--report': 'files',
  '--resume': 'files',
  '--state': 'files',
  '--summary': 'files',
  '--seed': 'files',
  '--tls-cert': 'files',
  '--tls-key': 'files',
};

/** The arguments of commands: those that take a tag, and how many. */
const TAG_ARGUMENTS: Readonly<Record<string, number>> = { get: 1, set: 1, update: 1, delete: Number.POSITIVE_INFINITY };

/** @param words what follows the name of the program, the word that is completed last */
export async function complete(program: Command, words: readonly string[], lookups: Lookups): Promise<Completion> {
  // bash takes `--output=json` apart into three words.
  const parts = words.filter((word, i) => word !== '=' || i === words.length - 1);
  const isAfterSign = parts.at(-1) === '=';
  const before = parts.slice(0, -1);
  const current = isAfterSign ? '' : (parts.at(-1) ?? '');
  const line = readLine(program, before);

  const { pending } = line;
  if (pending) return valuesOf(pending, lookups);
  const [, name = '', sign] = /^(--[a-z-]+)(=)/.exec(current) ?? [];
  const option = sign ? line.options.find(({ long, required }) => required && long === name) : undefined;
  if (option) {
    const values = await valuesOf(option, lookups);
    return values === 'files' ? values : values.map(({ word }) => ({ word: `${name}=${word}` }));
  }
  if (current.startsWith('-')) return optionNames(line.options);
  return argumentsOf(program, line, lookups);
}

interface Line {
  readonly command: Command | undefined;
  readonly isHelp: boolean;
  readonly given: readonly string[];
  /** The options that may follow. */
  readonly options: readonly Option[];
  /** The option whose value is the next word. */
  readonly pending: Option | undefined;
  /** The options of all commands, as far as they have been given. */
  readonly globals: GlobalOptions;
}

function readLine(program: Command, words: readonly string[]): Line {
  let command: Command | undefined;
  let isHelp = false;
  let pending: Option | undefined;
  const given: string[] = [];
  const globals: Record<string, unknown> = {};
  const optionsNow = () => [...(command?.options ?? []), ...(command?.name() === 'mock' ? [] : program.options)];
  const set = (option: Option, value: unknown) => {
    if (program.options.includes(option)) globals[option.attributeName()] = value;
  };
  for (const word of words) {
    if (pending) {
      set(pending, word);
      pending = undefined;
    } else if (word.startsWith('-') && word !== '-') {
      const [name, value] = word.split(/=(.*)/s);
      const option = optionsNow().find(({ long, short }) => name === long || name === short);
      if (option?.required && value === undefined) pending = option;
      else if (option) set(option, value ?? true);
    } else if (!command && !isHelp) {
      command = program.commands.find((one) => one.name() === word);
      isHelp = word === 'help';
      if (!command && !isHelp) given.push(word);
    } else given.push(word);
  }
  return { command, isHelp, given, options: optionsNow(), pending, globals };
}

async function valuesOf({ long }: Option, lookups: Lookups): Promise<Completion> {
  const values = VALUES[long ?? ''] ?? [];
  if (values === 'files') return values;
  const words = values === 'sections' ? lookups.sections() : values === 'variables' ? lookups.variables() : values;
  return words.map((word) => ({ word }));
}

const optionNames = (options: readonly Option[]): Candidate[] => [
  ...options.map(({ long, description }) => ({ word: long ?? '', description })),
  { word: '--help', description: 'display help' },
];

const isShown = (command: Command) => !command.name().startsWith('__');

async function argumentsOf(program: Command, line: Line, { tags }: Lookups): Promise<Completion> {
  const { command, isHelp, given, globals } = line;
  if (!command) {
    if (given.length > 0) return [];
    const commands = program.commands
      .filter(isShown)
      .map((one) => ({ word: one.name(), description: one.description() }));
    return isHelp ? commands : [...commands, { word: 'help', description: 'display help for a command' }];
  }
  const name = command.name();
  if (name === 'completion') return given.length === 0 ? SHELLS.map((word) => ({ word })) : [];
  if (name === 'import') return given.length === 0 ? 'files' : [];
  if (given.length >= (TAG_ARGUMENTS[name] ?? 0)) return [];
  return (await tags(globals)).filter((tag) => !given.includes(tag)).map((word) => ({ word }));
}
