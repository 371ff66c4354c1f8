// What the worker of a run does: executes the program that it gets, and reports each state of it.
import { execute } from './sandbox.js';

/** The time between two reports. */
const INTERVAL_MS = 50;

self.onmessage = async ({ data: { code, fault } }) => {
  let reported = -INTERVAL_MS;
  let timer;
  const report = (run) => {
    clearTimeout(timer);
    timer = undefined;
    reported = performance.now();
    self.postMessage(run);
  };
  // Without a timer if it is time: in a loop that never waits no timer fires.
  const onChange = (run) => {
    if (performance.now() - reported >= INTERVAL_MS) report(run);
    else timer ??= setTimeout(() => report(run), INTERVAL_MS);
  };
  report(await execute(code, { fault, onChange }));
};
