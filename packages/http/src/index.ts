export type { Need } from './health.ts';
export type { ServerCertificate } from './tls.ts';
export { Edge, edgeMigrations, type EdgeOptions, type EdgeRequest, type Reply } from './edge.ts';
export { sendProblem, problemHandler } from './problem.ts';
