import type { ApiClient, Operators, Watch } from '@tallystick/demo';
import type { Kafka } from '@tallystick/messaging';
import type { SigningKey } from '@tallystick/security';
import type { CoreServiceName } from '@tallystick/contracts';
import type { StackFile } from '@tallystick/stack';

/** A signed-in customer. */
export interface Person {
  id: string;
  email: string;
  password: string;
  client: ApiClient;
  refreshToken: string;
}

/** A third party with a certified key. */
export interface Producer {
  id: string;
  key: SigningKey;
}

/** The attacked system, with its people and keys. */
export interface World {
  stack: StackFile;
  kafka: Kafka;
  watch: Watch;
  /** Owns everything that is attacked. */
  victim: Person;
  /** A customer like any other, who attacks. */
  thief: Person;
  operators: Operators;
  accounts: {
    /** The victim's money, with a mandate for `acme`: nothing may move it. */
    safe: string;
    /** The thief's, which must stay empty: attacks pay into it. */
    loot: string;
    /** The victim's, with an equal mandate, from which honest payments are made. */
    purse: string;
    /** The thief's, into which honest payments are made. */
    till: string;
  };
  /** The victim's card on the purse; that on the safe is an object. */
  purseCardId: string;
  /** An object of the victim for each path parameter of contracts. */
  objects: Record<string, string>;
  producers: {
    /** Has mandates on the accounts of the victim. */
    acme: Producer;
    /** Is certified for nothing. */
    bystander: Producer;
    /** Is certified for every command of third parties, and has no mandate. */
    outlaw: Producer;
    /** Its key is revoked. */
    gone: Producer;
  };
  /** Stolen keys of services. */
  serviceKeys: Record<CoreServiceName, SigningKey>;
  /** Keys that only auth has. They date tokens and sign records that a real auth would not make. */
  authKeys: { token: SigningKey; registrar: SigningKey };
  /** All records of the key topic before the attacks. */
  keyRecords: readonly string[];
  /** Restarts a service; absent if the system is not this tool's. */
  restart: ((service: CoreServiceName) => Promise<void>) | undefined;
}
