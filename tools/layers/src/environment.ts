/** Variables that a tool may read by name: the settings page lists each, except those of the system. */
export const namedVariables: readonly string[] = [
  'LOG_FORMAT',
  'LOG_LEVEL',
  'NODE_COMPILE_CACHE',
  'NO_COLOR',
  'PATH',
  'REQUESTS_PER_SECOND_MAX',
  'TAG',
  'TALLYSTICK_BACKING',
  'TALLYSTICK_CLOCK_SKEW_MS',
  'TRACES_PER_SECOND',
  'XDG_CACHE_HOME',
];

/** Files that pass on the whole environment, to a schema or to a program that they start. */
const whole: readonly string[] = [
  'packages/messaging/src/crash-point.ts',
  'packages/postgres/src/testing.ts',
  'packages/service/src/run-service.ts',
  'packages/telemetry/src/register.ts',
  'services/*/src/main.ts',
  'tools/chaos/src/open-world.ts',
  'tools/cli/src/admin/admin.ts',
  'tools/cli/src/contracts/can-deploy.ts',
  'tools/cli/src/probe/probe.ts',
  'tools/demo/src/compose.ts',
  'tools/demo/src/third-party.ts',
  'tools/docs/src/site/build.ts',
  'tools/load/src/system/backing.ts',
  'tools/probe/src/main.ts',
  'tools/stack/src/backing-services.ts',
  'tools/test/src/run-jest.ts',
];

const RULE = 'node/no-process-env';

/** Overrides of the lint configuration that allow settings to be read only through schemas. */
export function environmentOverrides(): { files: readonly string[]; rules: Record<string, unknown> }[] {
  return [
    { files: ['packages/*/src/**', 'services/*/src/**'], rules: { [RULE]: 'error' } },
    { files: ['tools/*/src/**'], rules: { [RULE]: ['error', { allowedVariables: namedVariables }] } },
    { files: whole, rules: { [RULE]: 'off' } },
  ];
}
