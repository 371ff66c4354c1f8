// The `globalThis` of the client in the page (see build-run.js): an environment with a key, and no network. A getter of a
// window works on the window only.
export const runScope = Object.assign(Object.create(window, { navigator: { value: navigator } }), {
  process: { env: { CORTEX_API_KEY: 'fake-api-key' } },
  fetch: async () => {
    throw new TypeError('no request leaves this page');
  },
});
