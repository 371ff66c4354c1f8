// The bar of a block of code: Run, a fault to inject first, Edit, or its language; Copy.

const FAULTS = {
  '': 'no fault',
  throttled: '429, Retry-After: 1',
  unavailable: '503, twice',
  lost: 'a lost response',
  slow: 'a slow response',
  changing: 'a list that changes',
};

function button(text, onClick) {
  const node = document.createElement('button');
  node.type = 'button';
  node.textContent = text;
  // A double click is one: it must not run and stop.
  node.addEventListener('click', ({ detail }) => detail < 2 && onClick(node));
  return node;
}

/** Copies a text, from file:// too, and says so for two seconds. */
export async function copy(node, text) {
  const label = node.textContent;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = document.createElement('textarea');
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand('copy');
    area.remove();
    node.focus();
  }
  node.textContent = 'Copied';
  setTimeout(() => {
    node.textContent = label;
  }, 2000);
}

let loading;
/** The script that runs code, loaded once: a classic one, since modules don't load from file://. */
function loadRun(up) {
  loading ??= new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.src = `${up}assets/run.js`;
    script.onload = resolve;
    script.onerror = () => reject(new Error('assets/run.js could not be loaded'));
    document.head.append(script);
  });
  return loading.then(() => /** @type {any} */ (window).cortexRun);
}

/** A menu of faults. Code with a Cortex of its own brings its own faults. */
function faultMenu(code, fault = '') {
  if (code.includes('cortex-secrets/testing') || /\bcortex\./.test(code)) return [];
  const label = document.createElement('label');
  const select = document.createElement('select');
  for (const [value, text] of Object.entries(FAULTS)) select.add(new Option(text, value, false, value === fault));
  label.append('with ', select);
  return [label];
}

/** @param {() => string} textOf what it copies */
export function copyButton(textOf) {
  const copies = button('Copy', () => copy(copies, textOf().replace(/\n$/, '')));
  copies.className = 'copy-button';
  return copies;
}

/** Adds the bar to a block: `<div class="code" data-run>` with the code in its `<pre>`. */
export function addBar(block, up) {
  const bar = document.createElement('div');
  bar.className = 'bar';
  const textOf = () =>
    block.querySelector('textarea')?.value ?? block.dataset.code ?? block.querySelector('pre')?.textContent ?? '';
  if ('run' in block.dataset) {
    const reset = button('Reset', async () => {
      (await loadRun(up)).restore(block);
      reset.hidden = true;
      runs.focus();
    });
    reset.hidden = true;
    const use = (name) => async () => {
      (await loadRun(up))[name](block);
      reset.hidden = false;
    };
    const runs = button('Run', use('run'));
    runs.className = 'run-button';
    bar.append(runs, ...faultMenu(textOf(), block.dataset.fault), button('Edit', use('edit')), reset);
  } else bar.append(block.querySelector('code')?.className ?? '');
  bar.append(copyButton(textOf));
  block.prepend(bar);
}
