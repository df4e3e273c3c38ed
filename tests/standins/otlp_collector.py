"""A collector of traces that keeps what it is sent, OTLP over HTTP as any of them takes it."""

import gzip
from collections.abc import Iterable
from dataclasses import dataclass, field

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from tests.standins.vendor_server import VendorServer


@dataclass(frozen=True)
class Span:
    """A span as it came; times in seconds."""

    name: str
    began: float
    ended: float
    service: str
    attributes: dict[str, object] = field(default_factory=dict)


class OtlpCollector(VendorServer):
    """The collector. `spans` in the order they came."""

    def __init__(self) -> None:
        super().__init__()
        self.spans: list[Span] = []
        self.bodies: list[bytes] = []

    def routes(self) -> Iterable[BaseRoute]:
        return [Route("/v1/traces", self._take, methods=["POST"])]

    async def _take(self, request: Request) -> Response:
        body = await request.body()
        if request.headers.get("content-encoding") == "gzip":
            body = gzip.decompress(body)
        self.bodies.append(body)
        for group in ExportTraceServiceRequest.FromString(body).resource_spans:
            service = _plain(group.resource.attributes)["service.name"]
            self.spans += [
                Span(
                    name=one.name,
                    began=one.start_time_unix_nano / 1e9,
                    ended=one.end_time_unix_nano / 1e9,
                    service=str(service),
                    attributes=_plain(one.attributes),
                )
                for scope in group.scope_spans
                for one in scope.spans
            ]
        return Response(b"", media_type="application/x-protobuf")


def _plain(attributes) -> dict[str, object]:
    return {one.key: getattr(one.value, one.value.WhichOneof("value")) for one in attributes}
