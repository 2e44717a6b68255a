export type { ReadinessCheck } from './health.ts';
export type { ServerCertificate } from './tls.ts';
export { attempt, inTurn } from './attempt.ts';
export { clientNetwork } from './client-network.ts';
export { Edge, type EdgeOptions } from './edge.ts';
export type { EdgeRequest, WriteRequest } from './edge-request.ts';
export { edgeMigrations } from './migrations.ts';
export type { Reply } from './reply.ts';
export { sendProblem, problemHandler, RETRY_AFTER_S } from './problem.ts';
