"""The dashboard as its user has it: in a browser, with nothing but the brokers to ask.

Playwright waits until the page shows what is expected, so nothing here waits by the clock.
"""

from __future__ import annotations

import aio_pika
import pytest
from playwright.async_api import Page, expect
from tests.fakes.control.support_site import START, Site

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.slow]


async def open_queue(page: Page, name: str) -> None:
    await page.get_by_role("link", name="Queues", exact=True).click()
    await page.get_by_role("link", name=name, exact=True).click()
    await expect(page).to_have_title("Queue · svc-fake-broker")


async def test_the_overview_counts_and_names_what_to_look_at(site: Site, page: Page) -> None:
    site.have_dead_letter()
    await expect(page.get_by_text("q-dead holds 1 dead letter")).to_be_visible()
    await expect(page.locator(".tile", has_text="Queues")).to_contain_text("3")
    await expect(page.get_by_text(site.broker.amqp_url)).to_be_visible()


async def test_a_sent_message_is_seen_without_being_received(site: Site, page: Page) -> None:
    await open_queue(page, "q")
    await page.get_by_label("Body").fill('{"id": 7}')
    await page.get_by_label("Attributes").fill('{"kind": "a"}')
    await page.get_by_role("button", name="Send", exact=True).click()
    await expect(page.locator("tbody tr")).to_contain_text(['{"id": 7}'])
    await expect(page.locator("tbody tr")).to_contain_text(["kind: a"])
    (message,) = await site.get("peek", queue="q")
    assert (message["receive_count"], message["attributes"]) == (0, {"kind": "a"})


async def test_a_body_is_shown_and_never_run(site: Site, page: Page) -> None:
    """A message may come from anybody: its text stays text."""
    evil = '<img src=x onerror="document.title = 1"><script>document.title = 1</script>'
    await site.post("send", queue="q", body=evil, attributes={"kind": "<i>x</i>"})
    await open_queue(page, "q")
    await page.locator("summary").click()
    await expect(page.locator("pre")).to_have_text(evil)
    assert await page.locator("main img, main script, main i").count() == 0
    await expect(page).to_have_title("Queue · svc-fake-broker")


async def test_what_is_typed_survives_that_the_page_is_drawn_again(site: Site, page: Page) -> None:
    await open_queue(page, "q")
    await page.get_by_label("Body").fill("half a mess")
    await site.post("send", queue="q", body="another")
    await expect(page.locator("tbody tr")).to_have_count(1)
    await expect(page.get_by_label("Body")).to_have_value("half a mess")


async def test_a_purge_is_asked_about_first(site: Site, page: Page) -> None:
    await site.post("send", queue="aq", body="x")
    await open_queue(page, "aq")
    await page.get_by_role("button", name="Purge").click()
    await page.get_by_role("button", name="Cancel").click()
    assert len(await site.get("peek", queue="aq")) == 1
    await page.get_by_role("button", name="Purge").click()
    await page.get_by_role("dialog").get_by_role("button", name="Purge").click()
    await expect(page.get_by_text("Forgot 1 message.")).to_be_visible()
    assert await site.get("peek", queue="aq") == []


async def test_a_deleted_queue_is_left(site: Site, page: Page) -> None:
    await open_queue(page, "q")
    await page.get_by_role("button", name="Delete").click()
    await page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    await expect(page.get_by_role("heading", name="Queues", exact=True)).to_be_visible()
    await expect(page.get_by_role("link", name="q", exact=True)).to_have_count(0)


async def test_dead_letters_are_redriven(site: Site, page: Page) -> None:
    site.have_dead_letter()
    await page.get_by_role("link", name="Queues", exact=True).click()
    await page.get_by_role("row", name="q-dead").get_by_role("button", name="Redrive").click()
    await expect(page.get_by_text("Moving 1 message.")).to_be_visible()
    assert await site.get("peek", queue="q-dead") == []


async def test_a_message_tells_why_it_is_where_it_is(site: Site, page: Page) -> None:
    site.have_dead_letter()
    await open_queue(page, "q-dead")
    await page.locator("td a.id").click()
    await expect(page.locator(".why li").first).to_have_text("Published to topic t")
    await expect(page.locator(".why li").last).to_have_text(
        "Received once from q and never deleted: the redrive policy moves it to q-dead"
    )
    await expect(page.locator(".timeline li")).to_have_count(6)


async def test_a_message_is_copied_as_a_test(site: Site, page: Page) -> None:
    site.have_dead_letter()
    await open_queue(page, "q-dead")
    await page.get_by_role("button", name="Copy as pytest").click()
    await expect(page.locator("dialog pre")).to_contain_text("await svc.sns.publish(")
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await page.get_by_role("button", name="Copy", exact=True).click()
    await expect(page.get_by_text("Copied.")).to_be_visible()
    copied = await page.evaluate("navigator.clipboard.readText()")
    assert "async def test_a_message_of_t(svc):" in copied


async def test_a_publish_tells_who_took_it_and_who_would_get_it(site: Site, page: Page) -> None:
    assert site.broker.amqp is not None
    site.broker.amqp.bind_queue("aq", "amq.topic", "a.*")
    await page.get_by_role("link", name="Topics & exchanges").click()
    await page.get_by_role("link", name="amq.topic").click()
    await page.get_by_label("Routing key").fill("b.c")
    await page.get_by_role("button", name="Who would get it?").click()
    await expect(page.get_by_text("queue aq would not (a.*)")).to_be_visible()
    await page.get_by_label("Routing key").fill("a.c")
    await page.get_by_role("button", name="Publish").click()
    await expect(page.get_by_text("Published; 1 queue took it.")).to_be_visible()
    (message,) = await site.get("peek", queue="aq")
    assert message["routing_key"] == "a.c"


async def test_in_flight_tells_age_and_return(site: Site, page: Page) -> None:
    await site.post("send", queue="q", body="held")
    site.aws("sqs", "ReceiveMessage", QueueUrl="q", VisibilityTimeout=90)
    await site.post("clock/advance", seconds=30)
    await page.get_by_role("link", name="In flight").click()
    row = page.locator("tbody tr")
    await expect(row).to_contain_text("30 s")
    await expect(row).to_contain_text("in 1 min")


async def test_time_is_frozen_moved_and_moved_to_what_is_due(site: Site, page: Page) -> None:
    await site.post("send", queue="q", body="later", delay_s=300)
    await page.get_by_role("button", name="Freeze").click()
    await expect(page.get_by_role("button", name="Resume")).to_be_visible()
    await page.get_by_label("How far to move time").fill("0")
    await page.get_by_role("button", name="+ 1 s").click()
    await expect(page.locator("time.now")).to_contain_text("00:00:01")
    await page.get_by_role("button", name="Next").click()
    await expect(page.get_by_text("Next was: delay in q.")).to_be_visible()
    assert (await site.get("clock"))["now"] == START + 300
    assert [message["state"] for message in await site.get("peek", queue="q")] == ["ready"]


async def test_a_fault_is_planned_and_cleared(site: Site, page: Page) -> None:
    await page.get_by_role("link", name="Faults", exact=True).click()
    await page.get_by_label("Hits").fill("sqs.SendMessage")
    await page.get_by_label("Error code").fill("ThrottlingException")
    await page.get_by_label("Times").fill("2")
    await page.get_by_role("button", name="Plan it").click()
    await expect(page.locator("tbody tr")).to_contain_text("ThrottlingException")
    (fault,) = await site.get("faults")
    assert (fault["point"], fault["kind"], fault["times"]) == ("sqs.SendMessage", "error", 2)
    await page.get_by_role("button", name="Take all out of force").click()
    await expect(page.get_by_text("Everything works as it should.")).to_be_visible()


async def test_a_filter_policy_is_tried(page: Page) -> None:
    await page.get_by_role("link", name="Try out").click()
    policy = page.locator("section", has_text="A filter policy of SNS")
    await policy.get_by_label("Filter policy").fill('{"kind": [{"prefix": "a"}], "n": [1]}')
    await policy.get_by_label("Message attributes").fill('{"kind": "abc"}')
    await policy.get_by_role("button", name="Try").click()
    await expect(policy.get_by_text("The message is held back.")).to_be_visible()
    await expect(policy.get_by_text("kind fits")).to_be_visible()
    await expect(policy.get_by_text("n does not fit")).to_be_visible()


async def test_what_the_broker_refuses_is_told_in_its_words(site: Site, page: Page) -> None:
    await page.goto(f"{site.broker.management_url}/#queue?service=sqs&queue=gone")
    await expect(page.get_by_text("no queue 'gone'. There is: q, aq.")).to_be_visible()


async def test_wrong_json_is_told_with_the_field(page: Page) -> None:
    await open_queue(page, "q")
    await page.get_by_label("Attributes").fill("{kind")
    await page.get_by_role("button", name="Send", exact=True).click()
    await expect(page.locator(".toast.failed")).to_contain_text("Attributes: this is no JSON.")


async def test_it_is_used_by_keyboard(page: Page) -> None:
    await page.keyboard.press("2")
    await expect(page.get_by_role("heading", name="Queues", exact=True)).to_be_visible()
    await page.keyboard.press("/")
    await page.keyboard.type("aq")
    await expect(page.locator("tbody tr")).to_have_count(1)
    await page.keyboard.press("Escape")
    await page.keyboard.press("?")
    await expect(page.get_by_role("dialog")).to_contain_text("Keyboard shortcuts")


async def test_the_theme_that_was_chosen_is_kept(page: Page) -> None:
    await page.keyboard.press("d")
    await expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    await page.reload()
    await expect(page.locator("html")).to_have_attribute("data-theme", "dark")


async def test_a_connection_shows_what_it_consumes(site: Site, page: Page) -> None:
    async def keep(message: object) -> None:
        del message

    connection = await aio_pika.connect(site.broker.amqp_url)
    channel = await connection.channel()
    await channel.set_qos(7)
    queue = await channel.get_queue("aq")
    await queue.consume(keep, consumer_tag="worker")
    await page.get_by_role("link", name="Connections").first.click()
    await expect(page.locator(".channel")).to_contain_text("worker consumes aq, holds 0 messages")
    await expect(page.locator(".channel")).to_contain_text("7")
    await connection.close()


@pytest.mark.parametrize("width", [390, 1280])
async def test_nothing_sticks_out_sideways(site: Site, page: Page, width: int) -> None:
    site.have_dead_letter()
    await page.set_viewport_size({"width": width, "height": 800})
    for view, heading in (
        ("queues", "Queues"), ("topics", "Topics and exchanges"), ("in-flight", "In flight"),
        ("messages", "Messages"), ("try", "Try out"), ("faults", "Faults"), ("events", "Events"),
    ):  # fmt: skip
        await page.goto(f"{site.broker.management_url}/#{view}")
        await expect(page.get_by_role("heading", level=1)).to_have_text(heading)
        assert await page.evaluate("document.documentElement.scrollWidth") <= width, view
