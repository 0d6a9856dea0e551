"""Hand-written mutants of the SNS core: what is changed, and what that breaks.

Each is one (file under `tomodachi_fakes`, old text, new text, what it breaks). The old text occurs once
in its file. Run by `tools/mutants.py`.
"""

from __future__ import annotations

from tools.mutant_tables import Mutant

SNS: tuple[Mutant, ...] = (
    (
        "sns/fan_out.py",
        "            if not subscription.pending and (replay",
        "            if (replay",
        "an endpoint gets messages before it has confirmed",
    ),
    (
        "sns/fan_out.py",
        "            message_attributes=sqs_attributes(message) if raw else {},\n",
        "            message_attributes={},\n",
        "raw delivery loses the attributes",
    ),
    (
        "sns/fan_out.py",
        "            message_attributes=sqs_attributes(message) if raw else {},\n",
        "            message_attributes=sqs_attributes(message),\n",
        "an enveloped message carries its attributes twice",
    ),
    (
        "sns/fan_out.py",
        "            message_group_id=message.message_group_id,\n"
        "            message_deduplication_id=message.message_deduplication_id if fifo else None,\n",
        '            message_group_id="one",\n'
        "            message_deduplication_id=message.message_deduplication_id if fifo else None,\n",
        "every message of a FIFO topic is of one group",
    ),
    (
        "sns/fan_out.py",
        "        if body not in self._envelopes:\n",
        "        if not self._envelopes:\n",
        "every protocol gets the body of the first",
    ),
    (
        "sns/fan_out.py",
        "    if effect.dead_letter or target is None:\n",
        "    if True:\n",
        "a queue that is gone loses its messages for good",
    ),
    (
        "sns/fan_out.py",
        "            message_attributes=effect.message_attributes,\n",
        "",
        "a raw message loses its attributes on the way to the dead-letter queue",
    ),
    (
        "sns/fan_out.py",
        "            message_group_id=effect.message_group_id,\n"
        "            message_deduplication_id=effect.message_deduplication_id,\n",
        "            message_group_id=effect.message_group_id,\n"
        "            message_deduplication_id=effect.message_id,\n",
        "a dead-letter queue gets another deduplication id",
    ),
    (
        "sns/fan_out.py",
        "    if http_delivery.retried(delivery, outcome, now=now):\n",
        "    if False:\n",
        "a failed post is not tried again",
    ),
    (
        "sns/fan_out.py",
        "    fan_out.undeliverable(subscription, reason, delivery.cause)\n",
        "",
        "what an endpoint never took is not dead-lettered",
    ),
    (
        "sns/fan_out.py",
        '            headers["x-amz-sns-rawdelivery"] = "true"\n',
        "            pass\n",
        "a raw post does not say that it is raw",
    ),
    (
        "sns/http_delivery.py",
        "        return self.status == _TOO_MANY_REQUESTS or self.status >= 500\n",
        "        return True\n",
        "an endpoint that refuses is asked again",
    ),
    (
        "sns/http_delivery.py",
        "    delivery.due_at = now + delivery.delays.pop(0)\n",
        "    delivery.due_at = now + delivery.delays[0]\n",
        "a failed post is tried again without end",
    ),
    (
        "sns/http_delivery.py",
        "    delivery.attempts += 1\n",
        "",
        "attempts are not counted",
    ),
    (
        "sns/http_delivery.py",
        "        if delivery.due_at is not None and delivery.due_at <= now:\n",
        "        if delivery.due_at is not None:\n",
        "every post that waits is made as soon as one is due",
    ),
    (
        "sns/delivery_policy.py",
        '    "maxDelayTarget": 20,\n',
        '    "maxDelayTarget": 21,\n',
        "the last retry of a post comes late",
    ),
    (
        "sns/publishing.py",
        "        accepted = _publish_to_fifo(core, topic, content, context, identifier)\n"
        "        window.remember(key, accepted)\n",
        "        accepted = _publish_to_fifo(core, topic, content, context, identifier)\n",
        "deduplication ids are not remembered",
    ),
    (
        "sns/publishing.py",
        '    return content.message_group_id or "" if per_group else ""\n',
        '    return content.message_group_id or ""\n',
        "ids are compared within a group on every FIFO topic",
    ),
    (
        "sns/publishing.py",
        '    return content.message_group_id or "" if per_group else ""\n',
        '    return ""\n',
        "ids are compared across groups on every FIFO topic",
    ),
    (
        "sns/publishing.py",
        "    topic.sequence += 1\n",
        "",
        "every message of a FIFO topic has the same sequence number",
    ),
    (
        "sns/publishing.py",
        "        subject=content.subject,\n",
        "",
        "subjects are lost",
    ),
    (
        "sns/publishing.py",
        "        bodies=content.bodies,\n",
        "",
        "every protocol gets the default body",
    ),
    (
        "sns/publishing.py",
        "        base_url=context.base_url,\n        bodies=content.bodies,\n",
        "        base_url=context.base_url,\n        replayed=True,\n        bodies=content.bodies,\n",
        "every message says that it is replayed",
    ),
    (
        "sns/deduplication.py",
        "            if now - accepted.at < WINDOW_S:\n",
        "            if now - accepted.at <= WINDOW_S:\n",
        "the window of deduplication is one moment too long",
    ),
    (
        "sns/deduplication.py",
        "            if now - accepted.at < WINDOW_S:\n",
        "            if now - accepted.at < WINDOW_S - 1:\n",
        "the window of deduplication is a second too short",
    ),
    (
        "sns/message.py",
        "    return content.message_deduplication_id or hashlib.sha256(content.raw.encode()).hexdigest()\n",
        "    return content.message_deduplication_id or hashlib.sha256(\n"
        "        repr((content.raw, content.attributes)).encode()\n"
        "    ).hexdigest()\n",
        "attributes count for content-based deduplication",
    ),
    (
        "sns/subscription_attributes.py",
        "                subscription.filter_policy = parse_filter_policy(policy, FilterPolicyScope(value))\n",
        "                parse_filter_policy(policy, FilterPolicyScope(value))\n",
        "another scope does not count for the policy that is there",
    ),
    (
        "sns/subscription_attributes.py",
        '        self._subscription.raw = wanted == "true"\n',
        '        self._subscription.raw = self._subscription.raw or wanted == "true"\n',
        "raw delivery can't be switched off",
    ),
    (
        "sns/subscription_attributes.py",
        "            subscription.filter_policy = None\n            self._store",
        "            self._store",
        "an empty policy leaves the one before in force",
    ),
    (
        "sns/subscription_attributes.py",
        "            self._subscription.attributes.pop(name, None)\n",
        "            pass\n",
        "a redrive policy can't be taken away",
    ),
    (
        "sns/subscriptions.py",
        "    existing = topic.subscription_of(protocol, endpoint)\n",
        "    existing = None\n",
        "subscribing again makes a second subscription",
    ),
    (
        "sns/subscriptions.py",
        "    if subscription.pending:\n        reason =",
        "    if False:\n        reason =",
        "who has to confirm yet can be unsubscribed",
    ),
    (
        "sns/confirmations.py",
        "        core.state.topics[arns.topic_of_subscription(arn)].remove(arn)\n",
        "",
        "who never confirms stays subscribed",
    ),
    (
        "sns/confirmations.py",
        "_TOKEN_LIFETIME_S = 2 * 86_400\n",
        "_TOKEN_LIFETIME_S = 300\n",
        "who does not confirm at once is dropped",
    ),
    (
        "sns/core.py",
        "            if arns.topic_of_subscription(delivery.subscription_arn) != topic.arn\n",
        "",
        "posts of a topic that is gone go on",
    ),
    (
        "sns/filter_policy.py",
        "        return not condition.wanted\n",
        "        return True\n",
        "an absent name satisfies exists: true",
    ),
    (
        "sns/filter_policy.py",
        "    return all(\n        any(_object_matches",
        "    return True or all(\n        any(_object_matches",
        "alternatives of $or are not looked at",
    ),
    (
        "sns/filter_conditions.py",
        "        return number >= lower if self.includes_lower else number > lower\n",
        "        return number > lower\n",
        "a lower bound never belongs to its range",
    ),
    (
        "sns/filter_conditions.py",
        "        return isinstance(value, str) and value.startswith(self.prefix)\n",
        "        return isinstance(value, str) and self.prefix in value\n",
        "a prefix matches anywhere",
    ),
    (
        "sns/filter_conditions.py",
        "        return not any(same(refused, value) for refused in self.refused)\n",
        "        return bool(self.refused)\n",
        "anything-but accepts everything",
    ),
    (
        "sns/notification.py",
        "    if message.sequence_number is None:\n        fields |=",
        "    if True:\n        fields |=",
        "envelopes of FIFO topics are signed",
    ),
    (
        "sns/notification.py",
        '    fields["Timestamp"] = timestamp(message.published_at)\n',
        '    fields["Timestamp"] = timestamp(message.published_at + 3600)\n',
        "the timestamp is in another time zone",
    ),
)
