from examples.http_service.service import NotesService


async def test_a_note_can_be_written_and_read(svc):
    notes = await svc.start(NotesService)

    assert (await notes.http.put("/notes/milk", json={"text": "two litres"})).status == 201
    answer = await notes.http.get("/notes/milk")

    assert answer.status == 200
    assert answer.json() == {"key": "milk", "text": "two litres"}
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"


async def test_unknown_paths_get_the_services_own_404(svc):
    notes = await svc.start(NotesService)
    answer = await notes.http.get("/nowhere")
    assert (answer.status, answer.json()) == (404, {"error": "not-found"})


async def test_websocket_echoes(svc):
    notes = await svc.start(NotesService)
    async with await notes.ws("/echo") as socket:
        await socket.send_str("hello")
        assert await socket.receive_str() == "echo: hello"
