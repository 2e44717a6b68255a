"""A third party on Kafka: publishes signed commands and reads their verified outcomes."""

import time
from typing import Iterator, Mapping

from confluent_kafka import Consumer, KafkaException, Producer as KafkaProducer, TopicPartition

from .envelope import Opened, Refused, open_envelope, seal, seal_confidential
from .keyring import Certificate, Keyring
from .keys import Jwk, SigningKey

_KEY_TOPIC = "auth.keys.v1"
_POLL_S = 0.2
_METADATA_TIMEOUT_S = 10.0
_KEYS_TIMEOUT_S = 10.0


class Producer:
    """Publishes commands in your name.

    :param kafka: settings of librdkafka, at least ``bootstrap.servers``
    :param producer_id: your id, as the operator registered it
    :param private_jwk: your signing key
    :param trust_anchors: the root's public keys
    :param topic_prefix: the prefix of all topics of the installation
    """

    def __init__(
        self,
        kafka: Mapping[str, object],
        *,
        producer_id: str,
        private_jwk: Jwk,
        trust_anchors: list[Jwk],
        topic_prefix: str = "",
    ):
        self._kafka = dict(kafka)
        self._id = producer_id
        self._key = SigningKey(private_jwk)
        self._prefix = topic_prefix
        self.keyring = Keyring(trust_anchors)
        # The partition follows from the key as with Java's client.
        self._producer = KafkaProducer(
            self._kafka | {"partitioner": "murmur2_random", "enable.idempotence": True, "acks": "all"}
        )
        self._keys = self._reader(_KEY_TOPIC, from_start=True)
        self._outcomes = self._reader(f"outcomes.v1.{producer_id}", from_start=False)

    def publish(
        self,
        topic: str,
        type: str,
        version: int,
        record_key: str,
        data: Mapping[str, object],
        *,
        confidential: bool = False,
        **options: object,
    ) -> None:
        """Signs a command and publishes it; returns once the brokers have it.

        :param topic: without the prefix
        :param confidential: encrypts the message to the service that owns the topic, as confidential types need
        :param options: further arguments of :func:`tallystick.seal`, such as ``lifetime_s``
        :raises LookupError: if that service has no encryption key
        :raises KafkaException: if the brokers did not take it
        """
        full = self._prefix + topic
        value = seal(
            self._key,
            issuer=self._id,
            topic=full,
            record_key=record_key,
            type=type,
            version=version,
            data=data,
            **options,
        )
        if confidential:
            value = seal_confidential(value, self._encryption_key(topic.split(".")[0]))
        failures: list[object] = []
        self._producer.produce(
            full,
            key=record_key.encode(),
            value=value,
            headers={"content-type": "application/jose"},
            on_delivery=lambda error, _record: failures.append(error) if error is not None else None,
        )
        self._producer.flush()
        if failures:
            raise KafkaException(failures[0])

    def outcomes(self, timeout_s: float) -> Iterator[Opened]:
        """Reads the verified answers to your orders, from where you began to read.

        A record that does not verify is left out. It ends after ``timeout_s`` without a record.
        """
        until = time.monotonic() + timeout_s
        while time.monotonic() < until:
            self._follow_keys()
            record = self._outcomes.poll(_POLL_S)
            if record is None or record.error() is not None:
                continue
            try:
                yield open_envelope(
                    record.value(),
                    keyring=self.keyring,
                    topic=record.topic(),
                    record_key=(record.key() or b"").decode(),
                    now_s=int(time.time()),
                    topic_prefix=self._prefix,
                )
            except Refused:
                continue
            until = time.monotonic() + timeout_s

    def outcome(self, record_key: str, timeout_s: float) -> Opened | None:
        """Returns the next outcome under a record key, such as a payment's id; ``None`` if there is none in time."""
        return next((one for one in self.outcomes(timeout_s) if one.claims["sub"] == record_key), None)

    def close(self) -> None:
        self._keys.close()
        self._outcomes.close()
        self._producer.flush()

    def _encryption_key(self, service: str) -> Certificate:
        """Finds the newest encryption key of a service on the key topic."""
        until = time.monotonic() + _KEYS_TIMEOUT_S
        while True:
            self._follow_keys()
            found = self.keyring.newest_encryption_key(service, int(time.time()))
            if found is not None:
                return found
            if time.monotonic() > until:
                raise LookupError(f"the key topic has no encryption key of {service}")
            time.sleep(_POLL_S)

    def _follow_keys(self) -> None:
        while (record := self._keys.poll(0)) is not None:
            if record.error() is None and record.value() is not None:
                self.keyring.add(record.value(), int(time.time()))

    def _reader(self, topic: str, *, from_start: bool) -> Consumer:
        """Reads all partitions of a topic without a group: nothing is committed."""
        consumer = Consumer(
            self._kafka | {"group.id": f"{self._id}.reader.python", "enable.auto.commit": False}
        )
        full = self._prefix + topic
        partitions = consumer.list_topics(full, timeout=_METADATA_TIMEOUT_S).topics[full].partitions
        places = [TopicPartition(full, partition) for partition in partitions]
        for place in places:
            first, last = consumer.get_watermark_offsets(place, timeout=_METADATA_TIMEOUT_S)
            place.offset = first if from_start else last
        consumer.assign(places)
        return consumer
