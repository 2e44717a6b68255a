import type { ErrorOut, KoaContextWithOIDC } from 'oidc-provider';
import { noticePage } from '../http/pages/notice.ts';
import { signOutPage } from '../http/pages/sign-out.ts';

/** The pages that the provider itself renders. */
export interface ProviderPages {
  error: (ctx: KoaContextWithOIDC, out: ErrorOut, error: Error) => void;
  signOut: (ctx: KoaContextWithOIDC, form: string) => void;
  signedOut: (ctx: KoaContextWithOIDC) => void;
}

export const providerPages: ProviderPages = {
  error(ctx, out) {
    const ours = out.error === 'server_error';
    send(
      ctx,
      noticePage({
        title: ours ? 'Something went wrong' : 'This request cannot go on',
        text: ours
          ? 'The fault is ours. Please go back to the application and try again in a moment.'
          : 'The application sent a request that is not allowed here. Nothing was shared with it. Go back and try again, or tell its makers:',
        facts: ours
          ? []
          : [
              ['Error', out.error],
              ...(out.error_description === undefined ? [] : ([['Reason', out.error_description]] as const)),
            ],
      }),
    );
  },
  signOut(ctx, form) {
    send(ctx, signOutPage(form));
  },
  signedOut(ctx) {
    send(ctx, noticePage({ title: 'Signed out', text: 'You are signed out. You may close this page.' }));
  },
};

function send(ctx: KoaContextWithOIDC, page: string): void {
  ctx.type = 'html';
  ctx.body = page;
}
