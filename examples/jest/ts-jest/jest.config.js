// ts-jest compiles the tests, and the two packages that are ES modules: these to CommonJS, whatever their package.json says.
module.exports = {
  testMatch: ['<rootDir>/*.spec.ts'],
  transform: {
    '\\.ts$': ['ts-jest', { tsconfig: `${__dirname}/tsconfig.json` }],
    '\\.js$': ['ts-jest', { tsconfig: { allowJs: true, isolatedModules: true, module: 'commonjs', target: 'es2022' } }],
  },
  transformIgnorePatterns: ['/node_modules/(?!(cortex-secrets|openapi-fetch)/)'],
};
