/** @type {import('jest').Config} */
export default {
  testEnvironment: 'node',
  testMatch: [
    '<rootDir>/{packages,services,tools}/*/test/**/*.test.ts',
    // Needs a browser: TALLYSTICK_BROWSER is the path of a Chromium.
    ...(process.env['TALLYSTICK_BROWSER'] === undefined
      ? []
      : ['<rootDir>/{packages,services,tools}/*/test/**/*.browser.ts']),
    // Needs Prometheus' promtool: TALLYSTICK_PROMTOOL is its path.
    ...(process.env['TALLYSTICK_PROMTOOL'] === undefined
      ? []
      : ['<rootDir>/{packages,services,tools}/*/test/**/*.promtool.ts']),
    // Needs a Prometheus: TALLYSTICK_PROMETHEUS is its path.
    ...(process.env['TALLYSTICK_PROMETHEUS'] === undefined
      ? []
      : ['<rootDir>/{packages,services,tools}/*/test/**/*.prometheus.ts']),
  ],
  modulePathIgnorePatterns: ['/dist/', '<rootDir>/.nx/', '<rootDir>/.tallystick/'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': '<rootDir>/tools/test/src/strip-types.js' },
  testEnvironmentOptions: { customExportConditions: ['@tallystick/source', 'node', 'node-addons'] },
  setupFilesAfterEnv: ['<rootDir>/tools/test/src/has-assertions.ts'],
  coverageProvider: 'v8',
  maxWorkers: 2,
  // Kafka and Postgres answer late when both cores are busy
  testTimeout: 30_000,
};
