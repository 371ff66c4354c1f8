// Prints values as a console does: strings as they are, objects on one line, or on several if they are long.

const isPlain = (value) => [Object.prototype, null].includes(Object.getPrototypeOf(value));

const quote = (text) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\n', '\\n')}'`;

/** An error by what a reader decides by. */
export function inspectError(error) {
  const fields = ['kind', 'outcome', 'status', 'attempts'].filter((name) => error[name] !== undefined);
  const shown = fields.map((name) => `${name}: ${typeof error[name] === 'string' ? quote(error[name]) : error[name]}`);
  return `${error.name}: ${error.message}${shown.length > 0 ? ` { ${shown.join(', ')} }` : ''}`;
}

function parts(value, inner) {
  if (Array.isArray(value)) return { open: '[', close: ']', items: value.map(inner) };
  if (value instanceof Set) return { open: `Set(${value.size}) {`, close: '}', items: [...value].map(inner) };
  if (value instanceof Map) {
    const items = [...value].map(([key, one]) => `${inner(key)} => ${inner(one)}`);
    return { open: `Map(${value.size}) {`, close: '}', items };
  }
  const name = isPlain(value) ? '' : `${value.constructor?.name ?? ''} `;
  const key = (text) => (/^[\w$]+$/.test(text) ? text : quote(text));
  return { open: `${name}{`, close: '}', items: Object.keys(value).map((one) => `${key(one)}: ${inner(value[one])}`) };
}

/**
 * @param {unknown} value
 * @param {object[]} [within] the objects around it
 */
export function inspect(value, within = []) {
  if (typeof value === 'string') return within.length === 0 ? value : quote(value);
  if (typeof value === 'function') return `[Function${value.name ? `: ${value.name}` : ''}]`;
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value !== 'object' || value === null) return String(value);
  if (value instanceof Error) return inspectError(value);
  if (value instanceof Date) return value.toISOString();
  if (within.includes(value)) return '[Circular]';
  if (within.length > 4) return Array.isArray(value) ? '[Array]' : '[Object]';
  const { open, close, items } = parts(value, (one) => inspect(one, [...within, value]));
  if (items.length === 0) return `${open}${close}`;
  const line = `${open} ${items.join(', ')} ${close}`;
  if (line.length <= 80 && !line.includes('\n')) return line;
  return `${open}\n${items.map((item) => `  ${item.replaceAll('\n', '\n  ')},\n`).join('')}${close}`;
}
