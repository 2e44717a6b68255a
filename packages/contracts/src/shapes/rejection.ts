import * as z from 'zod';
import { errorCodes, type ErrorCode } from '../errors.ts';

const codes = Object.keys(errorCodes) as [ErrorCode, ...ErrorCode[]];

/** Why something was refused: a stable code, and words that hold no secret. */
export const rejection = { code: z.enum(codes), detail: z.string().optional() };
