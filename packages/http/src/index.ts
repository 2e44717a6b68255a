export { type Need } from './health.ts';
export { Edge, edgeMigrations, type EdgeOptions, type EdgeRequest, type Reply } from './edge.ts';
export { sendProblem, problemHandler } from './problem.ts';
