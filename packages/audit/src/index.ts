export { contentOf, hashOf, CHAIN_START } from './content.ts';
export { auditOf, type Decision } from './record.ts';
export {
  entryIn,
  followChain,
  listEntries,
  verifyChain,
  EMPTY_CHAIN,
  type AuditFilter,
  type ChainEnd,
  type ChainFault,
  type LinkedEntry,
} from './chain.ts';
export { tellAudit, toldOf, type ToldEntry } from './tell.ts';
export { restoreEntries } from './replay.ts';
export { auditMigrations } from './migrations.ts';
