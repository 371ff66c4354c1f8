/** Reads the configuration file of the vendor's own CLI: `~/.cortex/config`, INI. */
import { readFileSync, statSync } from 'node:fs';
import { UsageError } from './exit.js';

export interface ConfigSection {
  readonly apiKey: string | undefined;
  readonly baseUrl: string | undefined;
}

export interface ConfigFile {
  readonly sections: ReadonlyMap<string, ConfigSection>;
  /** Whether other users of the machine may read it. */
  readonly isExposed: boolean;
}

/** Returns undefined if the file does not exist. `shownPath` is what messages call it. */
export function readConfigFile(path: string, shownPath: string): ConfigFile | undefined {
  let text: string;
  let mode: number;
  try {
    text = readFileSync(path, 'utf8');
    ({ mode } = statSync(path));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new UsageError(`${shownPath}: can't read the file (${code})`);
  }
  return { sections: parseIni(text, shownPath), isExposed: process.platform !== 'win32' && (mode & 0o077) !== 0 };
}

/** The sections of Python's configparser, which the vendor's CLI uses, as far as this file needs them. */
function parseIni(text: string, shownPath: string): Map<string, ConfigSection> {
  const sections = new Map<string, ConfigSection>();
  let fields: Record<string, string> | undefined;
  let name = '';
  const keep = () => {
    if (fields) sections.set(name, { apiKey: fields.api_key, baseUrl: fields.base_url });
  };
  for (const [index, raw] of text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#') || line.startsWith(';')) continue;
    const section = /^\[([^\]]+)\]$/.exec(line)?.[1];
    if (section !== undefined) {
      keep();
      name = section;
      fields = {};
      continue;
    }
    // The line is not quoted: it may be a key.
    const [, key, value] = /^(\w+)\s*[=:]\s*(.*)$/.exec(line) ?? [];
    if (key === undefined || !fields)
      throw new UsageError(`${shownPath}:${index + 1}: expected [section], or name = value within a section`);
    fields[key.toLowerCase()] = unquoted(value ?? '');
  }
  keep();
  return sections;
}

const unquoted = (text: string) => /^(["'])(.*)\1$/.exec(text)?.[2] ?? text;
