export {
  databaseEnvironment,
  environmentOf,
  migrationEnvironment,
  publicUrl,
  resourceServerEnvironment,
  serverCertificate,
  serviceEnvironment,
  type ResourceServerSettings,
  type ServiceSettings,
} from './settings.ts';
export { replayAndTell, serveAudit } from './audit.ts';
export { serveSettings, settingsInForce, type SettingInForce } from './settings-in-force.ts';
export { databaseUrl } from './database-url.ts';
export { migrationsNeed, prepareDatabase, serviceMigrations } from './database.ts';
export { openService, type ServiceParts } from './open-service.ts';
export { canDeploy, verdictText, type DeployVerdict } from './registry/can-deploy.ts';
export { declareContracts } from './registry/declare-contracts.ts';
export { runService } from './run-service.ts';
