/** What tests of services build on: an edge with real tokens, and customers who call it. */
export * from './customer.ts';
export * from './edge-world.ts';
