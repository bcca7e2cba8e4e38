"""`python -m contentdesk.bench.platform PORT DELAY_S`: a platform that takes everything and takes its time.

It answers as a Graph API does: containers are done at once, nothing is kept but when each irreversible call came.
Written for little cost a call, so that what is measured is the engine. `GET /seen` tells what came.
"""

import asyncio
import json
import sys
import time
from itertools import count

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
_ids = count(17_800_000_000_000)


class Platform:
    def __init__(self, delay_s: float) -> None:
        self.delay_s = delay_s
        self.calls = 0
        self.published: list[float] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, call after call."""
        try:
            while head := await _head(reader):
                method, path, length = head
                if length:
                    await reader.readexactly(length)
                body = json.dumps(await self._answer(method, path)).encode()
                writer.write(HEAD % len(body) + body)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _answer(self, method: str, path: str) -> object:
        bare = path.partition("?")[0]
        if bare == "/seen":
            return {"calls": self.calls, "published": self.published}
        self.calls += 1
        if method == "POST" and bare.endswith("/media_publish"):
            self.published.append(time.time())
        await asyncio.sleep(self.delay_s)
        if method == "POST":
            return {"id": str(next(_ids))}
        if bare.endswith("/content_publishing_limit"):
            return {"data": [{"quota_usage": 0, "config": {"quota_total": 1_000_000}}]}
        return {"id": "1", "status_code": "FINISHED", "permalink": "https://platform.test/p/abc/", "data": []}


async def _head(reader: asyncio.StreamReader) -> tuple[str, str, int] | None:
    """Method, path and length of the body; None: the other side has gone."""
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.split("\r\n")
    lengths = [line.split(":")[1] for line in lines if line.lower().startswith("content-length:")]
    return first.split(" ")[0], first.split(" ")[1], int(lengths[0]) if lengths else 0


async def main(port: int, delay_s: float) -> None:
    server = await asyncio.start_server(Platform(delay_s).serve, "127.0.0.1", port, backlog=2048)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), float(sys.argv[2])))
