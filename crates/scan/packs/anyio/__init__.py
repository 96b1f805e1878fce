from anyio import to_thread
