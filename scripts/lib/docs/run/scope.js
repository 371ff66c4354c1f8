// The `globalThis` of the client in the page (see assets.js): an environment with a key, and no network. A getter of the
// global object works on it only.
const fetch = async () => {
  throw new TypeError('no request leaves this page');
};

export const runScope = Object.create(self, {
  navigator: { value: navigator },
  process: { value: { env: { CORTEX_API_KEY: 'fake-api-key' } } },
  fetch: { value: fetch, writable: true },
});
