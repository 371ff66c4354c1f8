// The `globalThis` of the client in the page (see assets.js): an environment with a key, and no network. A getter of the
// global object works on it only.
export const runScope = Object.assign(Object.create(self, { navigator: { value: navigator } }), {
  process: { env: { CORTEX_API_KEY: 'fake-api-key' } },
  fetch: async () => {
    throw new TypeError('no request leaves this page');
  },
});
