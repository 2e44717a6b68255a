import { servicesAgree } from '@tallystick/load';
import { promiseOf } from './promise.ts';

export const allAgree = promiseOf('payments, holds, transfers and authorizations agree', servicesAgree);
