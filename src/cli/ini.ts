/**
 * Parses INI as Python's `configparser.ConfigParser()` does with its defaults, since the vendor's CLI reads its file with
 * it: a test compares the two. Only a `%` that configparser rejects when a value is read stays as it is.
 */

const DEFAULT_SECTION = 'DEFAULT';
const SECTION = /^\[(.+)\]/;
const OPTION = /^(.*?)\s*[=:]\s*(.*)$/;
/** Deeper, configparser gives up too. */
const MAX_DEPTH = 10;

/** Names no text of the file: it may be a key. */
export class IniError extends Error {
  readonly line: number;

  constructor(line: number, message: string) {
    super(message);
    this.line = line;
  }
}

type Options = Map<string, string[]>;

/** Each section with its options, those of `[DEFAULT]` included. Option names are in lower case. */
export function parseIni(text: string): Map<string, Map<string, string>> {
  const defaults: Options = new Map();
  const sections = new Map<string, Options>();
  let section: Options | undefined;
  let option: string[] | undefined;
  let indent = 0;
  for (const [index, line] of text.split(/\r\n?|\n/).entries()) {
    const content = line.trim();
    if (/^[#;]/.test(content)) continue;
    if (content === '') {
      option?.push('');
      continue;
    }
    const lineIndent = line.search(/\S/);
    if (option && lineIndent > indent) {
      option.push(content);
      continue;
    }
    indent = lineIndent;
    const name = SECTION.exec(content)?.[1];
    if (name !== undefined) {
      if (sections.has(name)) throw new IniError(index + 1, 'the section is there twice');
      section = name === DEFAULT_SECTION ? defaults : new Map();
      if (section !== defaults) sections.set(name, section);
      option = undefined;
      continue;
    }
    if (!section) throw new IniError(index + 1, 'expected a [section] before the first option');
    const [, key = '', value = ''] = OPTION.exec(content) ?? [];
    if (key === '') throw new IniError(index + 1, 'expected [section], or name = value within a section');
    const lowerKey = key.toLowerCase();
    if (section.has(lowerKey)) throw new IniError(index + 1, 'the option is there twice in its section');
    option = [value.trim()];
    section.set(lowerKey, option);
  }
  const named = [[DEFAULT_SECTION, defaults] as const, ...sections];
  return new Map(
    named.flatMap(([name, options]) => {
      const all = joined(new Map([...defaults, ...options]));
      return [[name, new Map([...all].map(([key, value]) => [key, interpolated(value, all, 0)]))]];
    }),
  );
}

const joined = (options: Options) =>
  new Map([...options].map(([key, lines]) => [key, lines.join('\n').trimEnd()] as const));

/** `%(name)s` is the value of another option, `%%` a percent sign. */
function interpolated(value: string, options: ReadonlyMap<string, string>, depth: number): string {
  return value.replace(/%(?:%|\(([^)]+)\)s)/g, (text, name: string | undefined) => {
    if (name === undefined) return '%';
    const other = options.get(name.toLowerCase());
    return other === undefined || depth >= MAX_DEPTH ? text : interpolated(other, options, depth + 1);
  });
}
