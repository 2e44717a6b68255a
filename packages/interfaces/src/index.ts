export { asyncApi } from './async-api.ts';
export { interfaceDocuments } from './documents.ts';
export { errorCatalogue, type CataloguedError } from './error-catalogue.ts';
export { exampleOf } from './example.ts';
export { jsonSchemaOf, type JsonSchema } from './json-schema.ts';
export { exampleOrigins, openApi, type Origins } from './open-api.ts';
export { errorsOf } from './operation-errors.ts';
export { wireSchemas } from './wire-schemas.ts';
export { changelogEntry, withEntry } from './compatibility/changelog.ts';
export { addressOf, breakKinds, breakText, type Break, type BreakKind } from './compatibility/break-kinds.ts';
export { compareContracts, type Comparison } from './compatibility/compare.ts';
export {
  ContractsInputError,
  parseContracts,
  type Contracts,
  type MessageContract,
  type OperationContract,
} from './compatibility/contracts.ts';
export { currentContracts } from './compatibility/current-contracts.ts';
export { reads, type Refusal, type RefusalKind } from './compatibility/reads.ts';
export { releaseFiles } from './compatibility/release.ts';
export { parseWaivers } from './compatibility/waivers.ts';
export { conflictsBetween, type Conflict } from './registry/conflicts.ts';
export {
  contractsOf,
  decodeContracts,
  encodeContracts,
  parseDeclaredContracts,
  releaseIdOf,
  shortReleaseId,
  type DeclaredContracts,
  type EncodedContracts,
} from './registry/declared-contracts.ts';
