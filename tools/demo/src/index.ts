export { ApiClient, ProblemError, type Answer, type Call } from './api-client.ts';
export { createBrowser, formsOf, unescaped, type Browser } from './browser.ts';
export {
  attackKeys,
  publishRaw,
  quarantinedWith,
  refusedWith,
  sealAs,
  topicOf,
  type Attack,
  type AttackKeys,
} from './hostile/attack.ts';
export { attacks } from './hostile/hostile.ts';
export { Narrator } from './narrator.ts';
export { Operators } from './operators.ts';
export { refreshAccess } from './refresh-access.ts';
export { clientCredentials, signIn, type GrantedTokens } from './sign-in.ts';
export { newDpopKey } from './dpop-key.ts';
export { signingKeyOf, watch, type Watch, type Watched, type World as DemoWorld } from './world.ts';
