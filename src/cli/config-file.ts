/** Reads the configuration file of the vendor's own CLI: `~/.cortex/config`, INI. */
import { statSync } from 'node:fs';
import { UsageError } from './exit.js';
import { fileReason, isFileError, readFileUpTo } from './files.js';
import { IniError, parseIni } from './ini.js';

export interface ConfigSection {
  readonly apiKey: string | undefined;
  readonly baseUrl: string | undefined;
}

export interface ConfigFile {
  readonly sections: ReadonlyMap<string, ConfigSection>;
  /** Whether other users of the machine may read it. */
  readonly isExposed: boolean;
}

const MAX_CONFIG_BYTES = 1_000_000;

/** Returns undefined if the file does not exist. `shownPath` is what messages call it. */
export function readConfigFile(path: string, shownPath: string): ConfigFile | undefined {
  let bytes: Buffer;
  let mode: number;
  try {
    bytes = readFileUpTo(path, MAX_CONFIG_BYTES, shownPath);
    ({ mode } = statSync(path));
  } catch (error) {
    if (!isFileError(error)) throw error;
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw new UsageError(`${shownPath}: can't be read: ${fileReason(error)}`);
  }
  return { sections: sectionsOf(bytes, shownPath), isExposed: process.platform !== 'win32' && (mode & 0o077) !== 0 };
}

function sectionsOf(bytes: Buffer, shownPath: string): Map<string, ConfigSection> {
  // PowerShell 5.1 writes UTF-16. Other bytes that are not UTF-8 may stand in a comment.
  if (bytes.includes(0)) throw new UsageError(`${shownPath}: is not UTF-8 text; write it as UTF-8`);
  try {
    const sections = parseIni(bytes.toString('utf8').replace(/^\uFEFF/, ''));
    return new Map(
      [...sections].map(([name, options]) => [
        name,
        { apiKey: options.get('api_key'), baseUrl: options.get('base_url') },
      ]),
    );
  } catch (error) {
    if (!(error instanceof IniError)) throw error;
    throw new UsageError(`${shownPath}:${error.line}: ${error.message}`);
  }
}
