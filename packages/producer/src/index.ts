export {
  errorCodes,
  messages,
  newId,
  type DataOf,
  type ErrorCode,
  type MessageDefinition,
} from '@tallystick/contracts';
export type { IncomingEvent, KafkaConnection } from '@tallystick/messaging';
export { importSigningKey, seal, type SealedEnvelope, type SigningKey } from '@tallystick/security';
export { Producer, paymentOutcomes, type ProducerOptions, type Published } from './producer.ts';
