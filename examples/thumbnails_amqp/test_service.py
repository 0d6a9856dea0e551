from examples.thumbnails_amqp.service import ThumbnailService


async def test_every_upload_gets_a_thumbnail(svc):
    await svc.start(ThumbnailService)
    for name in ("a.png", "b.png"):
        await svc.amqp.publish("media", "upload.image", {"name": name})
    await svc.drain()

    done = svc.amqp.published.count(2, topic="thumbnail.done")
    assert [message.data["name"] for message in done] == ["a.png", "b.png"]


async def test_uploads_survive_a_lost_connection(svc):
    worker = await svc.start(ThumbnailService)
    await svc.amqp.drop_connections(worker)
    await svc.amqp.publish("media", "upload.image", {"name": "c.png"})
    await svc.drain("thumbnails")

    svc.amqp.published.one(topic="thumbnail.done", data={"name": "c.png", "kind": "image"})
