export {
  file,
  publicUrl,
  resourceServerEnvironment,
  serverCertificate,
  serviceEnvironment,
  type ResourceServerSettings,
  type ServiceSettings,
} from './settings.ts';
export { openService, type ServiceParts } from './open-service.ts';
export { runService } from './run-service.ts';
