"""The Celery application: one durable quorum queue, JSON only, nothing run that is not a job of ours.

A message carries the id of a job and of the request that caused it, and nothing else. The database is the
truth: a message that is lost is sent again, one that comes twice finds the job taken or done.
"""

from typing import Any, Final

from amqp.exceptions import AMQPError  # type: ignore[import-untyped]  # amqp has no types
from celery import Celery
from kombu.connection import Connection
from kombu.entity import Exchange, Queue
from kombu.exceptions import KombuError

QUEUE: Final = "lotproof.jobs"
TASK: Final = "lotproof.job"
DELIVERIES_MAX: Final = 20  # of one message; after that the broker drops it, and the relay asks the database
CONNECT_S: Final = 3

_exchange = Exchange(QUEUE, type="direct", durable=True)  # type: ignore[no-untyped-call]
JOBS_QUEUE = Queue(  # type: ignore[no-untyped-call]
    QUEUE,
    _exchange,
    routing_key=QUEUE,
    durable=True,
    queue_arguments={"x-queue-type": "quorum", "x-delivery-limit": DELIVERIES_MAX},
)


def answers(url: str) -> bool:
    """Whether the broker lets us in."""
    try:
        with Connection(url, connect_timeout=CONNECT_S) as connection:  # type: ignore[no-untyped-call]
            connection.connect()
    except (KombuError, AMQPError, OSError):
        return False
    return True


def application(url: str) -> Any:
    """url: ``amqp://user:password@host:port/vhost``. Connects to nothing yet."""
    made = Celery("lotproof", set_as_current=False)
    made.conf.update(
        broker_url=url,
        broker_connection_timeout=CONNECT_S,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,  # a worker waits for its broker however long it is away
        broker_heartbeat=10,
        broker_transport_options={"confirm_publish": True, "read_timeout": 30, "write_timeout": 30},
        task_queues=[JOBS_QUEUE],
        task_default_queue=QUEUE,
        task_default_exchange=QUEUE,
        task_default_routing_key=QUEUE,
        task_create_missing_queues=False,
        task_serializer="json",
        accept_content=["json"],
        result_backend=None,
        task_ignore_result=True,
        task_acks_late=True,
        task_acks_on_failure_or_timeout=True,  # what failed stands in the database
        task_reject_on_worker_lost=True,  # with the line above: a killed worker gives the message back
        task_publish_retry=False,  # the relay itself is the retry
        worker_prefetch_multiplier=1,
        worker_enable_remote_control=False,  # nobody commands workers through the broker
        worker_send_task_events=False,
        worker_hijack_root_logger=False,
        worker_cancel_long_running_tasks_on_connection_loss=False,  # the lease says whose a job is
        worker_consumer="gateway.tasks.consumer:Consumer",
        imports=(),
    )
    return made
