import * as ledger from '@tallystick/account/domain/decide.ts';
import * as rules from '@tallystick/card/domain/authorize.ts';
import * as saga from '@tallystick/payment/domain/saga.ts';

/** The decisions that the simulation wires together; a test may put a wrong one in the place of a right one. */
export interface Cores {
  ledger: Pick<typeof ledger, 'decide'>;
  rules: Pick<typeof rules, 'decline' | 'countUsage' | 'responseCodeOf'>;
  saga: Pick<
    typeof saga,
    | 'begin'
    | 'capture'
    | 'cancel'
    | 'refund'
    | 'authorized'
    | 'failed'
    | 'posted'
    | 'rejected'
    | 'voidRejected'
    | 'holdEnded'
  >;
}

/** Those of the services themselves. */
export const cores: Cores = { ledger, rules, saga };
