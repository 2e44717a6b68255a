export { ApiClient } from './api-client.ts';
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
export { signIn, walkThroughPages } from './sign-in.ts';
export { signInCustomer } from './sign-in-customer.ts';
export { newDpopKey } from './dpop-key.ts';
export { signingKeyOf, watch, type Watch, type Watched, type World as DemoWorld } from './world.ts';
export { prepareSandbox, type Sandbox } from './sandbox/prepare-sandbox.ts';
