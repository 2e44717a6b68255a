export { paymentOutcomes, Producer, type ProducerOptions, type Published } from './producer.ts';
