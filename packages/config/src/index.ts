export {
  ConfigurationError,
  fileHolding,
  fileToFollow,
  parseEnvironment,
  readEnvironment,
  readPrivateFile,
  readSettingFile,
} from './environment.ts';
export { environmentSchema, type RequiredTogether } from './environment-schema.ts';
export { followFile, followFiles } from './follow-file.ts';
export { certificateFile, passwordFile, privateKeyFile } from './pem-files.ts';
