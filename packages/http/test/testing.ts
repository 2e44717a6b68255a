/** Test support for services: an edge with real tokens, and customers that call it. */
export * from './customer.ts';
export * from './edge-world.ts';
