// Runs a program in a worker: code that never ends can be stopped, and can't freeze the page.

/** After this time a run is stopped: an endless loop must not use the machine for as long as the page is open. */
const MAX_SECONDS = 30;

let address;

/**
 * @param {string} code JavaScript
 * @param {string} fault
 * @param {(run: import('./sandbox.js').Run) => void} onState called with each state; the last one is done
 * @returns {{ stop: () => void, end: () => void }} both end the run at once, `end` without a last state
 */
export function startRun(code, fault, onState) {
  // Of the text of a function: at file:// no script can be fetched, and no worker can be loaded by its address.
  address ??= URL.createObjectURL(new Blob([`(${/** @type {any} */ (window).cortexProgram})()`]));
  const worker = new Worker(address);
  /** @type {import('./sandbox.js').Run} */
  let last = { prints: [], exchanges: [], stored: [], more: { prints: 0, exchanges: 0 }, isDone: false };
  let timer;
  const end = () => {
    clearTimeout(timer);
    worker.terminate();
    worker.onmessage = worker.onerror = null;
  };
  const finish = (more) => {
    end();
    onState({ ...last, ...more, isDone: true });
  };
  worker.onmessage = ({ data }) => {
    last = data;
    if (last.isDone) end();
    onState(last);
  };
  worker.onerror = (event) => {
    event.preventDefault();
    finish({ error: event.message || 'an error: this browser starts no worker from this page' });
  };
  timer = setTimeout(() => finish({ stopped: `it did not end within ${MAX_SECONDS} s` }), MAX_SECONDS * 1000);
  onState(last);
  worker.postMessage({ code, fault });
  return { end, stop: () => finish({ stopped: 'by you' }) };
}
