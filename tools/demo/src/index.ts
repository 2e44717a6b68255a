export { ApiClient, ProblemError, type Answer, type Call } from './api-client.ts';
export { refreshAccess } from './refresh-access.ts';
export { clientCredentials, signIn, type GrantedTokens } from './sign-in.ts';
export { newDpopKey } from './story/people.ts';
