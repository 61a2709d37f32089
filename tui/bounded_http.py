"""HTTP/1.1 read by httptools, with the bound on a request's head that it lacks itself."""

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD = 64 << 10
"""Bytes of a request's headers that may follow what came with its first line, as in h11."""


class BoundedHttp(HttpToolsProtocol):
    """Answers 400 and hangs up when a head does not end."""

    _in_head = False
    _begins_here = False
    _size = 0

    def data_received(self, data: bytes) -> None:
        """Read what arrived."""
        was_in_head, self._begins_here = self._in_head, False
        super().data_received(data)
        if not (was_in_head and self._in_head) or self._begins_here:
            return
        self._size += len(data)
        if self._size > HEAD and not self.transport.is_closing():
            self.send_400_response("Invalid HTTP request received.")

    def on_message_begin(self) -> None:
        """Note that a head begins."""
        super().on_message_begin()
        self._in_head = self._begins_here = True
        self._size = 0

    def on_headers_complete(self) -> None:
        """Note that the head has ended."""
        super().on_headers_complete()
        self._in_head = False
