"""Passwords of users: given, or as definitions carry them."""

from tomodachi_fakes.amqp.model.access import SHA256, User

# RabbitMQ's own example. Source: https://www.rabbitmq.com/docs/passwords#computing-password-hash
EXAMPLE = "kI3GCqW5JLMJa4iX1lo7X4D6XbYqlLgxIs30+P6tENUV2POR"


def test_the_documented_hash_accepts_the_documented_password() -> None:
    user = User("u", None, password_hash=EXAMPLE)
    assert user.accepts("test12")
    assert not user.accepts("test13")
    assert user.shown_hash() == EXAMPLE


def test_a_user_exported_with_a_hash_accepts_the_same_password() -> None:
    exported = User("u", "secret").shown_hash()
    imported = User("other", None, password_hash=exported, hashing_algorithm=SHA256)
    assert imported.accepts("secret")
    assert not imported.accepts("")


def test_a_user_without_password_and_hash_gets_in_by_no_password() -> None:
    assert not User("u", None).accepts("")
