export {
  migrationVariables,
  probeVariables,
  serviceVariables,
  settingOf,
  type Setting,
} from './variables.ts';
