"""SNS as one core: every action of the API by name, its effects, time, snapshots, peeks.

Source: https://docs.aws.amazon.com/sns/latest/api/API_Operations.html
"""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any

from tomodachi_fakes.aws.call import CallContext
from tomodachi_fakes.aws.errors import NotImplementedByFake
from tomodachi_fakes.aws.keys import KeyRegistry, NoKeys
from tomodachi_fakes.events import EventLog
from tomodachi_fakes.faults import FaultPlan
from tomodachi_fakes.ids import IdSource
from tomodachi_fakes.sns import (
    archive,
    confirmations,
    fan_out,
    http_delivery,
    platform,
    publishing,
    retries,
    sms,
    subscriptions,
    topics,
)
from tomodachi_fakes.sns.core import Core, Output, Params
from tomodachi_fakes.sns.effects import Effect, ToSqs
from tomodachi_fakes.sns.http_delivery import HttpOutcome
from tomodachi_fakes.sns.inbox import Captured
from tomodachi_fakes.sns.limits import Limits
from tomodachi_fakes.sns.signing import RsaSigner, Signer
from tomodachi_fakes.sns.state import SmsAccount, State, Subscription, Topic

_OPERATIONS: dict[str, Callable[[Core, Params, CallContext], Output]] = {
    "AddPermission": topics.add_permission,
    "CheckIfPhoneNumberIsOptedOut": sms.check_if_phone_number_is_opted_out,
    "ConfirmSubscription": subscriptions.confirm_subscription,
    "CreatePlatformApplication": platform.create_platform_application,
    "CreatePlatformEndpoint": platform.create_platform_endpoint,
    "CreateSMSSandboxPhoneNumber": sms.create_sms_sandbox_phone_number,
    "CreateTopic": topics.create_topic,
    "DeleteEndpoint": platform.delete_endpoint,
    "DeletePlatformApplication": platform.delete_platform_application,
    "DeleteSMSSandboxPhoneNumber": sms.delete_sms_sandbox_phone_number,
    "DeleteTopic": topics.delete_topic,
    "GetDataProtectionPolicy": topics.get_data_protection_policy,
    "GetEndpointAttributes": platform.get_endpoint_attributes,
    "GetPlatformApplicationAttributes": platform.get_platform_application_attributes,
    "GetSMSAttributes": sms.get_sms_attributes,
    "GetSMSSandboxAccountStatus": sms.get_sms_sandbox_account_status,
    "GetSubscriptionAttributes": subscriptions.get_subscription_attributes,
    "GetTopicAttributes": topics.get_topic_attributes,
    "ListEndpointsByPlatformApplication": platform.list_endpoints_by_platform_application,
    "ListOriginationNumbers": sms.list_origination_numbers,
    "ListPhoneNumbersOptedOut": sms.list_phone_numbers_opted_out,
    "ListPlatformApplications": platform.list_platform_applications,
    "ListSMSSandboxPhoneNumbers": sms.list_sms_sandbox_phone_numbers,
    "ListSubscriptions": subscriptions.list_subscriptions,
    "ListSubscriptionsByTopic": subscriptions.list_subscriptions_by_topic,
    "ListTagsForResource": topics.list_tags_for_resource,
    "ListTopics": topics.list_topics,
    "OptInPhoneNumber": sms.opt_in_phone_number,
    "Publish": publishing.publish,
    "PublishBatch": publishing.publish_batch,
    "PutDataProtectionPolicy": topics.put_data_protection_policy,
    "RemovePermission": topics.remove_permission,
    "SetEndpointAttributes": platform.set_endpoint_attributes,
    "SetPlatformApplicationAttributes": platform.set_platform_application_attributes,
    "SetSMSAttributes": sms.set_sms_attributes,
    "SetSubscriptionAttributes": subscriptions.set_subscription_attributes,
    "SetTopicAttributes": topics.set_topic_attributes,
    "Subscribe": subscriptions.subscribe,
    "TagResource": topics.tag_resource,
    "Unsubscribe": subscriptions.unsubscribe,
    "UntagResource": topics.untag_resource,
    "VerifySMSSandboxPhoneNumber": sms.verify_sms_sandbox_phone_number,
}


class SnsService:
    """All of SNS, for every account and region.

    After every call, `advance` and report of an outcome its owner takes the effects, applies each
    `ToSqs` at once and reports what came of it, until none is left; `ToHttp` effects go to a shell.
    """

    operations = tuple(_OPERATIONS)

    def __init__(
        self,
        *,
        ids: IdSource,
        events: EventLog,
        faults: FaultPlan,
        kms: KeyRegistry | None = None,
        signer: Signer | None = None,
        limits: Limits | None = None,
        enforce_policies: bool = False,
    ) -> None:
        self._core = Core(
            ids=ids,
            events=events,
            faults=faults,
            signer=signer or RsaSigner(),
            keys=kms or NoKeys(),
            enforce_policies=enforce_policies,
            limits=limits or Limits(),
        )
        self._unsettled: dict[int, ToSqs] = {}

    # --- calls -----------------------------------------------------------------------------------

    def call(self, operation: str, params: dict[str, Any], context: CallContext) -> dict[str, Any]:
        """Run one operation.

        Raises:
            AwsError: the answer is an error.
        """
        handler = _OPERATIONS.get(operation)
        if handler is None:
            raise NotImplementedByFake("sns", operation)
        if self._core.state.pending:
            confirmations.delete_unconfirmed(self._core, now=context.now)
        return handler(self._core, params, context)

    def cancel(self, waiter_id: int) -> None:
        """No call of SNS ever waits."""

    def take_effects(self) -> list[Effect]:
        """What is to be done outside since the last call, in order."""
        effects, self._core.effects = self._core.effects, []
        for effect in effects:
            if isinstance(effect, ToSqs):
                self._unsettled[effect.delivery_id] = effect
        return effects

    def delivered(self, delivery_id: int, *, now: float) -> None:
        """The queue took the message of a `ToSqs`."""
        del self._unsettled[delivery_id]

    def delivery_failed(self, delivery_id: int, reason: str, *, now: float) -> None:
        """The queue did not take the message of a `ToSqs`: it is missing, or refuses the topic.

        Queues fail for good: the dead-letter queue of the subscription, if there is one, is the
        next effect.
        """
        fan_out.sqs_failed(self._core, self._unsettled.pop(delivery_id), reason, now=now)

    def http_answered(self, delivery_id: int, outcome: HttpOutcome, *, now: float) -> None:
        """What came of one attempt of a `ToHttp`; decides about retries and the dead-letter queue."""
        fan_out.http_answered(self._core, delivery_id, outcome, now=now)

    def certificate(self, path: str) -> bytes | None:
        """The signing certificate as PEM when `path` is that of `SigningCertURL`, else None."""
        if not path.startswith("/SimpleNotificationService-"):
            return None
        if path != f"/{self._core.signer.certificate_name()}":
            return None
        return self._core.signer.certificate_pem()

    # --- time ------------------------------------------------------------------------------------

    def next_deadline(self) -> float | None:
        """When `advance` has something to do; None when nothing waits for time."""
        core, state = self._core, self._core.state
        times = (
            http_delivery.next_due(core) if state.http else None,
            retries.next_due(core) if state.retrying else None,
            archive.next_due(core) if state.replaying else None,
        )
        return min((at for at in times if at is not None), default=None)

    def advance(self, *, now: float) -> None:
        """Let every retry and every portion of a replay that is due by `now` happen."""
        if self._core.state.pending:
            confirmations.delete_unconfirmed(self._core, now=now)
        if self._core.state.http:
            http_delivery.due(self._core, now=now)
        if self._core.state.retrying:
            fan_out.retry_due(self._core, now=now)
        if self._core.state.replaying:
            archive.advance(self._core, now=now)

    # --- for tests -------------------------------------------------------------------------------

    def topics(self) -> list[Topic]:
        """Every topic, in the order of creation, to look at."""
        return list(self._core.state.topics.values())

    def topic(self, arn: str) -> Topic | None:
        """The topic with this ARN, to look at."""
        return self._core.state.topics.get(arn)

    def subscription(self, arn: str) -> Subscription | None:
        """The subscription with this ARN, to look at."""
        return self._core.find_subscription(arn)

    def inbox(self, protocol: str | None = None, endpoint: str | None = None) -> list[Captured]:
        """Messages to phones, mailboxes, functions, streams and devices, oldest first."""
        return [
            item
            for item in self._core.state.inbox
            if protocol in (None, item.protocol) and endpoint in (None, item.endpoint)
        ]

    def clear_inbox(self, protocol: str | None = None, endpoint: str | None = None) -> None:
        """Forget captured messages: all, or those that `inbox` would return."""
        gone = {id(item) for item in self.inbox(protocol, endpoint)}
        self._core.state.inbox[:] = [i for i in self._core.state.inbox if id(i) not in gone]

    def opt_out(self, number: str, *, account: str, region: str, now: float) -> None:
        """Let the owner of a phone number answer STOP."""
        sms.opt_out(self._core, number, account=account, region=region, now=now)

    def sms_account(self, account: str, region: str) -> SmsAccount:
        """SMS settings of an account, to look at or to change (sandbox, origination numbers)."""
        return self._core.state.sms_account(account, region)

    def set_limits(self, limits: Limits) -> None:
        """Put other quotas in force, as AWS does on request."""
        self._core.limits = limits

    def pending_deliveries(self) -> int:
        """How many deliveries are under way or wait for a further attempt."""
        lines = self._core.state.retrying.values()
        return len(self._core.state.http) + sum(len(line.waiting) for line in lines)

    def snapshot(self) -> bytes:
        """Everything stored, as opaque octets."""
        self._core.state.forget_untouched_accounts()
        return pickle.dumps(self._core.state)

    def restore(self, snapshot: bytes) -> None:
        """Go back to what `snapshot` gave; attempts then under way are made again.

        The octets have to be the fake's own: they are not checked.
        """
        state = pickle.loads(snapshot)  # noqa: S301 - only ever what `snapshot` wrote
        assert isinstance(state, State)
        self._core.state = state
        self._core.effects.clear()
        for delivery in state.http.values():
            if delivery.due_at is None:
                delivery.due_at = 0.0

    def reset(self, account: str | None = None) -> None:
        """Forget everything, or everything of one account."""
        if account is None:
            self._core.state = State(last_delivery_id=self._core.state.last_delivery_id)
            self._core.effects.clear()
            return
        state = self._core.state
        for topic in [item for item in state.topics.values() if item.account == account]:
            self._core.forget_topic(topic)
        state.applications = {
            arn: item for arn, item in state.applications.items() if arn.split(":")[4] != account
        }
        state.sms = {key: item for key, item in state.sms.items() if key[0] != account}
