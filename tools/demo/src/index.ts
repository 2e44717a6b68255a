export { ApiClient, ProblemError, type Answer, type Call } from './api-client.ts';
export { attackKeys, type Attack, type AttackKeys } from './hostile/attack.ts';
export { attacks } from './hostile/hostile.ts';
export { Narrator } from './narrator.ts';
export { Operators } from './operators.ts';
export { refreshAccess } from './refresh-access.ts';
export { clientCredentials, signIn, type GrantedTokens } from './sign-in.ts';
export { newDpopKey } from './dpop-key.ts';
export { watch, type Watch, type World as DemoWorld } from './world.ts';
