export { migrationVariables, serviceVariables, settingOf, type Setting } from './variables.ts';
