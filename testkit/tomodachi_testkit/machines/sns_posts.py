"""What `SNSMachine` believes about HTTP endpoints: which posts come when, and what answers lead to.

Three retries, twenty seconds apart, after no answer or one of 5xx; none after another failure. What is
given up goes to the dead-letter queue of a subscription that still is there and has one.

Source: https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from tomodachi_testkit.machines.sns_model import Expected, TopicModel

RETRIES = 3
RETRY_DELAY_S = 20.0


@dataclass(slots=True)
class Post:
    """One message on its way to one endpoint.

    Attributes:
        attempt: Attempts made, or under way.
        due_at: Unix time of the next attempt; None while one is under way.
        delivery_id: What the fake calls it, once it was posted.
    """

    hook: str
    expected: Expected
    due_at: float | None
    attempt: int = 0
    delivery_id: int = 0


@dataclass(slots=True)
class PostsModel:
    """Every delivery that is not settled, oldest first."""

    topic: TopicModel
    posts: list[Post] = field(default_factory=list)

    def start(self, passed: list[tuple[str, Expected]], *, now: float) -> None:
        """Messages are to be posted at once."""
        self.posts += [Post(hook, expected, now) for hook, expected in passed]

    def take_due(self, *, now: float) -> list[Post]:
        """The attempts that must have been made by `now`, in their order."""
        due = [post for post in self.posts if post.due_at is not None and post.due_at <= now]
        due.sort(key=lambda post: post.due_at or 0.0)
        for post in due:
            post.attempt += 1
            post.due_at = None
        return due

    def under_way(self) -> list[Post]:
        """Posts that wait for their answer."""
        return [post for post in self.posts if post.due_at is None]

    def answered(self, post: Post, status: int, *, now: float) -> None:
        """An endpoint answered with an HTTP status."""
        if status >= 500 and post.attempt <= RETRIES:
            post.due_at = now + RETRY_DELAY_S
            return
        self.posts.remove(post)
        subscription = self.topic.hooks.get(post.hook)
        if status < 300 or subscription is None or subscription.arn != post.expected.arn:
            return
        if subscription.dead_letters:
            self.topic.dead_letter(replace(post.expected, raw=subscription.raw), now=now)
