"""HTTP: decorators, server, responses, static files, websockets."""
