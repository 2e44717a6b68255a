export type { ReadinessCheck } from './health.ts';
export type { ServerCertificate } from './tls.ts';
export { attempt, inTurn } from './attempt.ts';
export { Edge, type EdgeOptions } from './edge.ts';
export type { EdgeRequest, WriteRequest } from './edge-request.ts';
export { edgeMigrations } from './migrations.ts';
export { RateLimit } from './rate-limit.ts';
export type { Reply } from './reply.ts';
export { sendProblem, problemHandler } from './problem.ts';
