// Shows a run: what it prints or throws, each exchange, and what Cortex holds afterwards.

const MAX_SECRETS = 12;

/**
 * @param {string} name
 * @param {Record<string, string>} attributes
 * @param {(Node | string)[]} children
 */
export function element(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
}

const ms = (value) => `${Math.round(value).toLocaleString('en').replace(',', ' ')} ms`;
const section = (title, ...content) => element('section', {}, element('h4', {}, title), ...content);

function table(heads, rows) {
  const head = element('tr', {}, ...heads.map((text) => element('th', { scope: 'col' }, text)));
  const body = rows.map((cells) => element('tr', {}, ...cells.map((cell) => element('td', {}, cell))));
  const whole = element('table', {}, element('thead', {}, head), element('tbody', {}, ...body));
  return element('div', { class: 'table', tabindex: '0', role: 'region', 'aria-label': heads.join(', ') }, whole);
}

function printed({ prints, more, error, stopped, isDone }) {
  const lines = prints.map(({ level, text }) => element('span', { class: level }, `${text}\n`));
  if (more.prints > 0) lines.push(element('span', {}, `... and ${more.prints} more\n`));
  if (stopped !== undefined) lines.push(element('span', { class: 'thrown' }, `Stopped: ${stopped}\n`));
  if (error !== undefined) lines.push(element('span', { class: 'thrown' }, `Throws ${error}\n`));
  if (lines.length === 0)
    return element('p', {}, isDone ? 'It prints nothing, and ends without an error.' : 'Nothing yet.');
  return element('pre', { tabindex: '0', 'aria-label': 'Prints' }, ...lines);
}

function statusOf({ status, failure, durationMs }) {
  if (status !== undefined) return element('span', { class: status < 400 ? 'success' : 'failure' }, String(status));
  if (failure === undefined) return durationMs === undefined ? 'waits ...' : '';
  return element('span', { class: 'failure' }, `no response: ${failure}`);
}

function exchanged({ exchanges, more, isDone }) {
  if (exchanges.length === 0) return element('p', {}, isDone ? 'It sends no request.' : 'None yet.');
  const rows = exchanges.map((one) => [
    one.method,
    element('code', {}, one.path),
    statusOf(one),
    one.durationMs === undefined ? '' : ms(one.durationMs),
    one.retryInMs === undefined ? '' : `retried after ${ms(one.retryInMs)}`,
  ]);
  const note = more.exchanges > 0 ? [element('p', {}, `... and ${more.exchanges} more`)] : [];
  return element('div', {}, table(['Method', 'Path', 'Status', 'Duration', 'Then'], rows), ...note);
}

function stored({ stored }) {
  if (stored.length === 0) return element('p', {}, 'No secret.');
  const rows = stored
    .slice(0, MAX_SECRETS)
    .map(({ tag, name = '', length }) => [
      element('code', {}, tag),
      name,
      element('span', { role: 'img', 'aria-label': 'a value, not shown' }, '\u2022'.repeat(Math.min(length, 16))),
    ]);
  const more = stored.length - rows.length;
  const note = more > 0 ? [element('p', {}, `... and ${more} more`)] : [];
  return element('div', {}, table(['Tag', 'Name', 'Value'], rows), ...note);
}

/** The sections of a run, in the place of those of an earlier state. */
export function showRun(output, run) {
  output.replaceChildren(
    section('Prints', printed(run)),
    section('Exchanges', exchanged(run)),
    ...(run.isDone && run.stopped === undefined ? [section('Cortex holds afterwards', stored(run))] : []),
  );
  const end = run.stopped === undefined && run.error === undefined ? 'done' : 'thrown';
  output.dataset.state = run.isDone ? end : 'running';
}
